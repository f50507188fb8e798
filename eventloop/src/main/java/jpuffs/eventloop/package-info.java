// SPDX-License-Identifier: BSD-2-Clause
/// One thread, one loop: straight-line code that waits, without threads to lock against. Here are
/// [jpuffs.eventloop.EventLoop], the call contexts it runs, channels for framed protocols, timers, signals, child
/// processes.
///
/// Rules:
///
/// * The contexts of a loop run one at a time, each until it waits. Between two waits, what they share needs no
///   lock; what was read before a wait is stale after it. What may wait says "Yields".
/// * Callbacks run on the loop's thread, between contexts. They must not wait; they may spawn a context that
///   does.
/// * A native call that blocks holds the loop and everybody on it: use [jpuffs.eventloop.Blocking]. The waits of
///   the JDK do not, except from inside a native frame or a class initialiser.
/// * From other threads there are `execute`, `spawn`, `stop` and `schedule`; everything else is for the loop
///   alone.
/// * Frames, watches and timers are closed by who made them. A loop that is closed with some left says so, and
///   fails where assertions are on.
/// * A cancelled context, or one past its deadline, gets an ErrnoException at its next wait, once.
/// * No `FileChannel` in a context: an interrupt closes it for everybody. Use [jpuffs.sys.Fd].
///
/// The JVM needs `--add-opens java.base/java.lang=jpuffs.eventloop`, and `-Djdk.pollerMode=1` where contexts use
/// the sockets of the JDK (else the pollers of the whole JVM may run on a loop). `-Djdk.trackAllThreads=false`
/// makes contexts a little cheaper.
///
/// A protocol is two small functions, a conversation reads like blocking code:
///
/// ```java
/// /// 9P: size[4] type[1] tag[2] body; little-endian; size counts itself.
/// final class NineP implements Framing {
///     public long length(FrameBuf head) throws ErrnoException {
///         return head.size() < 4 ? MORE : head.u32(0);
///     }
///
///     public long tag(FrameBuf frame) throws ErrnoException {
///         return frame.u16(5);
///     }
///
///     public ByteOrder order() {
///         return ByteOrder.LITTLE_ENDIAN;
///     }
/// }
///
/// try (var loop = EventLoop.open()) {
///     Channel wire = loop.attach(socket, new NineP());
///     loop.spawn(() -> { // a context: it may wait
///         try (FrameBuf ask = wire.frame()) {
///             ask.put32(0).put8(TVERSION).put16(NOTAG).put32(8192).putString16("9P2000").put32(0, ask.size());
///             try (FrameBuf reply = wire.call(ask)) { // takes the request, yields, owns the reply
///                 long msize = reply.seek(7).u32();
///                 String version = reply.string16();
///             }
///         } catch (IOException e) {
///             ...
///         }
///         wire.close();
///         loop.stop();
///     });
///     loop.run();
/// }
/// ```
///
/// Who guards what: the queue of tasks, the flags of the loop and the pool of frames are safe for any thread;
/// everything else belongs to the loop's thread and has no lock.
@NullMarked
package jpuffs.eventloop;

import org.jspecify.annotations.NullMarked;
