// SPDX-License-Identifier: BSD-2-Clause
/// The client's side of SFTP version 3 (draft-ietf-secsh-filexfer-02, and `PROTOCOL` of OpenSSH for the extensions)
/// on a channel of the event loop: requests are pipelined, replies matched by their id.
///
/// Rules: a [jpuffs.servers.sftp.SftpConnection] belongs to its loop. [jpuffs.servers.sftp.Requests] makes
/// requests, [jpuffs.servers.sftp.Replies] reads replies; a reply is the caller's to close. Nothing a server sends
/// is trusted: frames, counts and names are bounded, a reply of the wrong kind ends the connection.
///
/// ```java
/// SftpConnection c = SftpConnection.open(loop, fd, Duration.ofSeconds(30), why -> ...);
/// try (FrameBuf reply = c.call(Requests.lstat(c, path))) { // yields
///     FileAttrs attrs = Replies.attrs(c, reply);
/// }
/// ```
@NullMarked
package jpuffs.servers.sftp;

import org.jspecify.annotations.NullMarked;
