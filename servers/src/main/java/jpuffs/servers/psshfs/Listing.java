// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.EOVERFLOW;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Pending;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// What is in a directory, all of it, and the attributes that came with it.
///
/// @param at the moment it was asked for
record Listing(Map<Name, FileAttrs> entries, long at) {
    /// More are not taken from a server, which could go on for ever.
    static final int MAX = 500_000;

    /// What is asked for at once: what a small directory has, and its end. One more for each piece that comes, as
    /// long as there are more; what is asked beyond the end is work for nothing. Where a round trip is long,
    /// waiting is what costs.
    private static final int FIRST_PIPE = 2;

    private static final int FIRST_PIPE_FAR = 8;
    private static final int MAX_PIPE = 16;

    static Listing empty() {
        return new Listing(new LinkedHashMap<>(), System.nanoTime());
    }

    /// Reads a directory. Yields.
    ///
    /// @param max entries, [#MAX] at most
    /// @throws IOException what the server says; EOVERFLOW beyond `max` entries
    static Listing read(SftpConnection c, Name path, IdMap ids, int max) throws IOException {
        var listing = empty();
        Name handle;
        try (FrameBuf reply = c.call(Requests.opendir(c, path))) {
            handle = Replies.handle(c, reply);
        }
        try {
            listing.fill(c, handle, max);
        } finally {
            ServerFile.close(c, handle);
        }
        ids.learn(c, listing.entries.values());
        return listing;
    }

    /// Asks for several pieces at a time.
    private void fill(SftpConnection c, Name handle, int max) throws IOException {
        var asked = new ArrayDeque<Pending>();
        try {
            int pipe = c.shortestNanos() > Link.FAR_NANOS ? FIRST_PIPE_FAR : FIRST_PIPE;
            long told = 0; // names, be they new or not
            for (boolean more = true; more; ) {
                while (asked.size() < pipe) {
                    asked.add(c.start(Requests.readdir(c, handle)));
                }
                try (Pending next = asked.remove();
                        FrameBuf reply = next.await()) {
                    List<Replies.Entry> found = Replies.names(c, reply);
                    told += found.size();
                    more = !found.isEmpty();
                    add(found, told, max);
                }
                pipe = Math.min(pipe + 1, MAX_PIPE);
            }
        } finally {
            asked.forEach(Pending::close);
        }
    }

    private void add(List<Replies.Entry> found, long told, int max) throws ErrnoException {
        for (Replies.Entry each : found) {
            if (isEntry(each.name())) {
                entries.put(each.name(), each.attrs());
            }
        }
        if (told > max) {
            throw EOVERFLOW.error("more than %d entries in a directory", max);
        }
    }

    private static boolean isEntry(Name name) {
        if (name.isDot() || name.isDotDot()) {
            return false;
        }
        try {
            name.checkComponent();
            return true;
        } catch (ErrnoException e) {
            Psshfs.LOG.log(Level.DEBUG, "the server lists what is no name: " + name.length() + " bytes");
            return false;
        }
    }

    @Nullable
    FileAttrs get(Name name) {
        return entries.get(name);
    }

    /// The names that there are now, for somebody who reads them one after the other.
    List<Map.Entry<Name, FileAttrs>> snapshot() {
        return new ArrayList<>(entries.entrySet());
    }
}
