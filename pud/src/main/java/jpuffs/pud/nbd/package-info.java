// SPDX-License-Identifier: BSD-2-Clause
/// The network block device protocol: [jpuffs.pud.nbd.NbdServer] serves block devices to whoever speaks it,
/// [jpuffs.pud.nbd.NbdDevice] is a block device of such a server, [jpuffs.pud.nbd.NbdDisk] one of the kernel.
///
/// Spoken: fixed newstyle handshake with GO, INFO, LIST, EXPORT_NAME and TLS; simple and structured replies,
/// extended headers, `base:allocation`; READ, WRITE, FLUSH, TRIM, WRITE_ZEROES and BLOCK_STATUS with FUA, DF,
/// NO_HOLE and REQ_ONE; several connections to one export.
///
/// Rules of use:
///
/// * Devices are called from several threads. One that waits must park its virtual thread, as
///   [jpuffs.core.BlockDevice] says, or it holds up the other clients of its loop.
/// * A device that fails gives its client an error; the server and its other clients go on.
/// * Requests must be in blocks of the device and within it: others are refused with EINVAL, or ENOSPC for writes
///   beyond the end.
///
/// How it is built: [jpuffs.pud.nbd.NbdServer] accepts and deals out - `Worker` (one loop, one thread) -
/// `Handshake` (a call context) - `Transmission` (a callback reads, contexts run, replies leave together) with
/// `Commands` (what is done) and `Replies` (how it is told). `Input`, `Output` and `Stream` move bytes.
@NullMarked
package jpuffs.pud.nbd;

import org.jspecify.annotations.NullMarked;
