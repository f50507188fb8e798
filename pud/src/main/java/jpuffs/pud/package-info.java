// SPDX-License-Identifier: BSD-2-Clause
/// Device servers: a [jpuffs.core.CharDevice] or a [jpuffs.core.BlockDevice] where programs find it.
///
/// ```java
/// var nul = new CharDevice() {
///     public int read(MemorySegment dst, long off, int flags) {
///         return 0; // end of file
///     }
///
///     public int write(MemorySegment src, long off, int flags) {
///         return (int) src.byteSize();
///     }
/// };
/// try (var server = DeviceServer.serve(Path.of("/dev/null0"), nul)) {
///     server.await();
/// }
/// ```
///
/// A block device becomes one of the kernel's by a loop device on top:
///
/// ```java
/// try (var server = DeviceServer.serve(Path.of("/run/disk0"), new RamDevice(1 << 30), "disk0");
///         var loop = LoopDevice.attach(server, false, 512)) {
///     ... mkfs.ext4 loop.path()
/// }
/// ```
///
/// Rules of use:
///
/// * Operations of a character device may wait, in ways that park a virtual thread; with O_NONBLOCK in their
///   flags they must not, and fail with EAGAIN. An interrupt of the process that waits interrupts the thread:
///   answer EINTR.
/// * State of each open file lies in what `open` answers; state of the device is touched by one operation at a
///   time between two waits, and needs no lock unless other threads touch it too.
/// * The one who serves a device does not use it from the thread that serves, nor depend on what is stored on it.
@NullMarked
package jpuffs.pud;

import org.jspecify.annotations.NullMarked;
