// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChannelTest {
    private final TestFraming framing = new TestFraming();
    private int openBefore;
    private TestLoop test;
    private Peer peer;
    private Channel channel;

    @BeforeEach
    void open() throws Exception {
        openBefore = Fd.openCount();
        test = new TestLoop();
        Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM);
        peer = new Peer(pair.second());
        channel = test.onLoop(() -> test.loop.attach(pair.first(), framing));
    }

    @AfterEach
    void close() throws Exception {
        test.close(); // asserts that no frame, context, timer or watch is left
        peer.close();
        assertThat(Fd.openCount()).isEqualTo(openBefore);
    }

    private FrameBuf request(int tag) throws ErrnoException {
        return request(tag, 16);
    }

    private FrameBuf request(int tag, int size) throws ErrnoException {
        FrameBuf frame = channel.frame(size);
        frame.put32(size).put32(tag).size(size);
        return frame;
    }

    /// Starts a call; what it ends with: the reply's tag, or its failure.
    private CompletableFuture<Long> call(int tag) {
        return inContext(() -> tagOf(channel.call(request(tag))));
    }

    private <T> CompletableFuture<T> inContext(Callable<T> body) {
        var result = new CompletableFuture<T>();
        test.loop.spawn(() -> TestLoop.complete(result, body));
        return result;
    }

    private static long tagOf(FrameBuf frame) throws ErrnoException {
        try (frame) {
            assertThat(frame.position()).isZero();
            return frame.u32(4);
        }
    }

    private void onLoop(ThrowingCallable body) throws Exception {
        test.onLoop(() -> {
            try {
                body.call();
            } catch (Exception e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
            return null;
        });
    }

    /// Waits until the loop has told of this many events.
    private List<String> events(int count) throws Exception {
        while (test.<Integer>onLoop(framing.events::size) < count) {
            Thread.sleep(1);
        }
        return test.onLoop(() -> List.copyOf(framing.events));
    }

    @Test
    void repliesFindTheirCallsInAnyOrder() throws Exception {
        var calls = new ArrayList<CompletableFuture<Long>>();
        for (int tag = 0; tag < 10; tag++) {
            calls.add(call(tag));
        }
        for (int tag = 0; tag < 10; tag++) {
            assertThat(peer.readTag()).isEqualTo(tag);
        }
        for (int tag = 9; tag >= 0; tag--) {
            peer.reply(tag);
            assertThat(calls.get(tag).get()).isEqualTo(tag);
        }
    }

    @Test
    void aHandlerGetsTheReply() throws Exception {
        var replied = new CompletableFuture<Long>();
        onLoop(() -> channel.call(
                request(5),
                (reply, failure) -> TestLoop.complete(replied, () -> {
                    assertThat(failure).isNull();
                    assertThat(CallContext.current()).isNull();
                    return tagOf(reply);
                })));
        peer.reply(peer.readTag());
        assertThat(replied.get()).isEqualTo(5);
    }

    @Test
    void flushedIsWrittenBeforeTheRoundEnds() throws Exception {
        var replied = new CompletableFuture<Long>();
        onLoop(() -> {
            channel.call(request(5), (reply, failure) -> TestLoop.complete(replied, () -> tagOf(reply)));
            test.loop.flush();
            assertThat(peer.readTag()).isEqualTo(5);
        });
        peer.reply(5);
        assertThat(replied.get()).isEqualTo(5);
    }

    @Test
    void aHandlerThatThrowsIsLogged() throws Exception {
        onLoop(() -> channel.call(request(5), (reply, failure) -> {
            reply.close();
            throw new IllegalStateException("thrown by a test, and logged");
        }));
        peer.reply(peer.readTag());
        var next = call(6);
        peer.reply(peer.readTag());
        assertThat(next.get()).isEqualTo(6);
    }

    @Test
    void aFrameThatAnswersNothingIsStray() throws Exception {
        peer.reply(77);
        peer.write(Peer.frame(Integer.MIN_VALUE, 8, 0)); // a request of the peer
        assertThat(events(2)).containsExactly("stray 77", "stray 2147483648");
    }

    @Test
    void twoCallsOfOneTagAreRefused() throws Exception {
        var first = call(1);
        assertThat(peer.readTag()).isEqualTo(1);
        fails(Errno.EBUSY, call(1));
        peer.reply(1);
        assertThat(first.get()).isEqualTo(1);
        var again = call(1);
        peer.reply(peer.readTag());
        assertThat(again.get()).isEqualTo(1);
    }

    @Test
    void requestsThatMakeNoSenseAreRefused() throws Exception {
        fails(Errno.EINVAL, inContext(() -> channel.call(request(Integer.MIN_VALUE))));
        fails(Errno.EBADMSG, inContext(() -> channel.call(channel.frame())));
        refuses(Errno.EINVAL, () -> onLoop(() -> channel.send(channel.frame())));
        try (FrameBuf frame = request(1)) {
            assertThatThrownBy(() -> channel.send(frame)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> onLoop(() -> channel.call(frame))).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aCancelledCallsLateReplyIsSwallowed() throws Exception {
        var result = new CompletableFuture<Long>();
        CallContext context = test.loop.spawn(() -> TestLoop.complete(result, () -> tagOf(channel.call(request(3)))));
        assertThat(peer.readTag()).isEqualTo(3);
        context.cancel();
        fails(Errno.EINTR, result);
        fails(Errno.EBUSY, call(3)); // its reply may still come
        peer.reply(3);
        peer.reply(4);
        assertThat(events(1)).containsExactly("stray 4");
        var again = call(3);
        peer.reply(peer.readTag());
        assertThat(again.get()).isEqualTo(3);
    }

    @Test
    void aCallPastItsLimitTimesOut() throws Exception {
        fails(Errno.ETIMEDOUT, inContext(() -> channel.call(request(3), Duration.ofMillis(1))));
        assertThat(peer.readTag()).isEqualTo(3);
        peer.reply(3);
        peer.reply(4);
        assertThat(events(1)).containsExactly("stray 4");
        var intime = inContext(() -> tagOf(channel.call(request(3), Duration.ofHours(1))));
        peer.reply(peer.readTag());
        assertThat(intime.get()).isEqualTo(3); // and leaves no timer
    }

    @Test
    void theContextsDeadlineEndsACall() throws Exception {
        fails(Errno.ETIMEDOUT, inContext(() -> {
            CallContext.current().deadline(Duration.ofMillis(1));
            return channel.call(request(3));
        }));
    }

    @Test
    void aDeadPeerReleasesEveryWaiter() throws Exception {
        var call = call(1);
        var receive = new CompletableFuture<Errno>();
        onLoop(() -> channel.call(request(2), (_, failure) -> receive.complete(failure.errno())));
        assertThat(peer.readTag()).isEqualTo(1);
        assertThat(peer.readTag()).isEqualTo(2);
        peer.fd.close();
        fails(Errno.ECONNRESET, call);
        assertThat(receive.get()).isEqualTo(Errno.ECONNRESET);
        assertThat(events(2)).containsExactly("READ ECONNRESET", "WRITE EPIPE");
        fails(Errno.ENOTCONN, call(3));
        refuses(Errno.ESHUTDOWN, () -> onLoop(() -> channel.send(request(4))));
        fails(Errno.ENOTCONN, inContext(() -> channel.directReceive()));
        assertThat(channel.isOpen(Channel.Side.READ)).isFalse();
        assertThat(channel.isOpen(Channel.Side.WRITE)).isFalse();
    }

    @Test
    void aDirectReceiverIsReleasedToo() throws Exception {
        var received = inContext(() -> channel.directReceive());
        test.settle();
        peer.fd.close();
        fails(Errno.ECONNRESET, received);
    }

    @Test
    void writingToADeadPeerFailsWhoIsNotSentYet() throws Exception {
        peer.fd.close();
        assertThat(events(2)).contains("WRITE EPIPE");
        fails(Errno.ESHUTDOWN, inContext(() -> {
            channel.directSend(request(1));
            return null;
        }));
    }

    @Test
    void closeReleasesEveryWaiter() throws Exception {
        var call = call(1);
        var received = inContext(() -> channel.directReceive());
        assertThat(peer.readTag()).isEqualTo(1);
        onLoop(channel::close);
        fails(Errno.ECANCELED, call);
        fails(Errno.ECANCELED, received);
        assertThat(events(2)).containsExactly("READ ECANCELED", "WRITE ECANCELED");
        onLoop(channel::close);
        assertThat(peer.readTag()).isEqualTo(-1);
    }

    @Test
    void detachGivesTheDescriptorBack() throws Exception {
        var call = call(1);
        assertThat(peer.readTag()).isEqualTo(1);
        Fd fd = test.onLoop(() -> channel.detach(Errno.ESTALE));
        fails(Errno.ESTALE, call);
        assertThat(fd.isOpen()).isTrue();
        assertThatThrownBy(() -> onLoop(() -> channel.detach(Errno.EIO))).isInstanceOf(IllegalStateException.class);
        onLoop(channel::close); // nothing
        channel = test.onLoop(() -> test.loop.attach(fd, framing)); // again
        var again = call(2);
        peer.reply(peer.readTag());
        assertThat(again.get()).isEqualTo(2);
    }

    @Test
    void repliesComeAfterTheWriteSideIsClosed() throws Exception {
        var call = call(1);
        test.settle();
        onLoop(() -> {
            channel.send(request(2));
            channel.shutdownWrite();
        });
        refuses(Errno.ESHUTDOWN, () -> onLoop(() -> channel.send(request(3))));
        assertThat(peer.readTag()).isEqualTo(1);
        assertThat(peer.readTag()).isEqualTo(2); // what was queued still went out
        assertThat(peer.readTag()).isEqualTo(-1);
        peer.reply(1);
        assertThat(call.get()).isEqualTo(1);
        assertThat(events(1)).containsExactly("WRITE ESHUTDOWN");
        peer.shutdownWrite();
        assertThat(events(2)).endsWith("READ ECONNRESET");
    }

    @Test
    void framesCanBeSentAfterTheReadSideIsClosed() throws Exception {
        peer.shutdownWrite();
        assertThat(events(1)).containsExactly("READ ECONNRESET");
        fails(Errno.ENOTCONN, call(1));
        onLoop(() -> channel.send(request(2)));
        assertThat(peer.readTag()).isEqualTo(2);
        assertThat(channel.isOpen(Channel.Side.WRITE)).isTrue();
    }

    @Test
    void directReceiversAreServedInTurnBeforeCalls() throws Exception {
        var call = call(1);
        assertThat(peer.readTag()).isEqualTo(1);
        var first = inContext(() -> tagOf(channel.directReceive()));
        var second = inContext(() -> tagOf(channel.directReceive()));
        test.settle();
        peer.reply(1);
        peer.reply(50);
        peer.reply(1);
        assertThat(first.get()).isEqualTo(1);
        assertThat(second.get()).isEqualTo(50);
        assertThat(call.get()).isEqualTo(1);
    }

    @Test
    void aCancelledDirectReceiverTakesNothing() throws Exception {
        var received = new CompletableFuture<FrameBuf>();
        CallContext context = test.loop.spawn(() -> TestLoop.complete(received, channel::directReceive));
        test.settle();
        context.cancel();
        fails(Errno.EINTR, received);
        peer.reply(1);
        assertThat(events(1)).containsExactly("stray 1");
    }

    @Test
    void directSendReturnsWhenTheFrameIsWritten() throws Exception {
        var sent = inContext(() -> {
            channel.directSend(request(1));
            return true;
        });
        assertThat(sent.get()).isTrue();
        fillSocket();
        var blocked = inContext(() -> {
            channel.directSend(request(3));
            return true;
        });
        test.settle();
        assertThat(blocked).isNotDone();
        while (peer.readTag() != 3) {}
        assertThat(blocked.get()).isTrue();
    }

    /// Sends until frames are left in the queue.
    private void fillSocket() throws Exception {
        onLoop(() -> {
            for (int i = 0; i < 3; i++) {
                channel.send(request(2, 300_000));
            }
        });
        test.settle();
        assertThat(test.<Boolean>onLoop(channel::hasOutput)).isTrue();
    }

    @Test
    void urgentFramesGoFirstButNotIntoAFrame() throws Exception {
        fillSocket();
        onLoop(() -> {
            channel.send(request(3));
            channel.sendUrgent(request(4));
            channel.sendUrgent(request(5));
        });
        var urgentCall = inContext(() -> tagOf(channel.callUrgent(request(6))));
        test.settle();
        var tags = new ArrayList<Integer>();
        for (int i = 0; i < 7; i++) {
            tags.add(peer.readTag());
        }
        // The frame that was half written, then the urgent ones, then what was queued before them.
        assertThat(tags.subList(tags.indexOf(4), 7)).startsWith(4, 5, 6).endsWith(3);
        assertThat(tags.getFirst()).isEqualTo(2);
        assertThat(tags.indexOf(4)).isLessThan(3);
        peer.reply(6);
        assertThat(urgentCall.get()).isEqualTo(6);
    }

    @Test
    void whoCannotWaitGetsEagainAndKeepsTheFrame() throws Exception {
        var sent = new int[1];
        onLoop(() -> {
            for (; ; sent[0]++) {
                FrameBuf frame = request(sent[0], 100_000);
                try {
                    channel.send(frame);
                } catch (ErrnoException e) {
                    assertThat(e.errno()).isEqualTo(Errno.EAGAIN);
                    assertThat(frame.size()).isEqualTo(100_000); // still ours
                    refuses(Errno.EAGAIN, () -> channel.call(frame, (_, _) -> {}));
                    channel.sendUrgent(frame);
                    break;
                }
            }
        });
        assertThat(sent[0]).isEqualTo(11); // a MiB, and the frame that goes beyond it
        for (int i = 0; i <= sent[0]; i++) {
            peer.readTag();
        }
    }

    @Test
    void contextsWaitForRoomInTurn() throws Exception {
        var order = new ArrayList<Integer>();
        var all = new ArrayList<CompletableFuture<Object>>();
        onLoop(
                () -> { // at once: a sender who comes when there is room need not wait
                    for (int i = 0; i < 50; i++) {
                        int tag = i;
                        all.add(inContext(() -> {
                            channel.send(request(tag, 100_000));
                            order.add(tag);
                            return null;
                        }));
                    }
                });
        test.settle();
        assertThat(test.<Integer>onLoop(order::size)).isBetween(10, 20);
        for (int i = 0; i < 50; i++) {
            assertThat(peer.readTag()).isEqualTo(i);
        }
        for (var one : all) {
            one.get();
        }
        assertThat(order).isSorted().hasSize(50);
    }

    @Test
    void aSenderCancelledWhileItWaitsSendsNothing() throws Exception {
        onLoop(() -> {
            for (int i = 0; i < 4; i++) {
                channel.send(request(i, 300_000));
            }
        });
        var result = new CompletableFuture<Object>();
        CallContext context = test.loop.spawn(() -> TestLoop.complete(result, () -> {
            channel.send(request(7));
            return null;
        }));
        var call = new CompletableFuture<Object>();
        CallContext caller = test.loop.spawn(() -> TestLoop.complete(call, () -> channel.call(request(8))));
        var handled = new CompletableFuture<Object>();
        CallContext handler = test.loop.spawn(() -> TestLoop.complete(handled, () -> {
            channel.call(request(9), (_, _) -> {});
            return null;
        }));
        test.settle();
        for (CallContext one : List.of(context, caller, handler)) {
            one.cancel();
        }
        fails(Errno.EINTR, result);
        fails(Errno.EINTR, call);
        fails(Errno.EINTR, handled);
        for (int i = 0; i < 4; i++) {
            assertThat(peer.readTag()).isEqualTo(i);
        }
        var again = call(8); // its tag is free
        assertThat(peer.readTag()).isEqualTo(8);
        peer.reply(8);
        assertThat(again.get()).isEqualTo(8);
    }

    @Test
    void aDeadPeerReleasesWhoWaitsForRoom() throws Exception {
        onLoop(() -> {
            for (int i = 0; i < 4; i++) {
                channel.send(request(i, 300_000));
            }
        });
        var waiting = inContext(() -> {
            channel.send(request(7));
            return null;
        });
        test.settle();
        peer.fd.close();
        refusesAny(waiting);
    }

    private static void refusesAny(CompletableFuture<?> result) {
        assertThatThrownBy(() -> TestLoop.get(result)).isInstanceOf(ErrnoException.class);
    }

    @Test
    void theEndOfTheLoopWritesWhatIsQueued() throws Exception {
        onLoop(() -> {
            for (int i = 0; i < 4; i++) {
                channel.send(request(i, 300_000));
            }
            test.loop.stop();
        });
        for (int i = 0; i < 4; i++) {
            assertThat(peer.readTag()).isEqualTo(i);
        }
    }

    @Test
    void theEndOfTheLoopDoesNotWaitForAPeerThatDoesNotRead() throws Exception {
        onLoop(() -> {
            for (int i = 0; i < 4; i++) {
                channel.send(request(i, 300_000));
            }
        });
        test.close();
        assertThat(test.thread().isAlive()).isFalse();
    }

    @Test
    void malformedLengthsCloseTheReadSide() throws Exception {
        var call = call(1);
        assertThat(peer.readTag()).isEqualTo(1);
        byte[] tooLong = Peer.frame(1, 8, 0);
        tooLong[3] = (byte) 0xff; // 4 GiB
        peer.write(tooLong);
        fails(Errno.EPROTO, call);
        assertThat(events(1)).containsExactly("READ EPROTO");
        onLoop(() -> channel.send(request(2))); // the other side is well
        assertThat(peer.readTag()).isEqualTo(2);
    }

    @Test
    void aNegativeLengthClosesTheReadSide() throws Exception {
        peer.write(new byte[8]);
        assertThat(events(1)).containsExactly("READ EPROTO");
    }

    @Test
    void aFrameWithoutATagClosesTheReadSide() throws Exception {
        byte[] shortFrame = Peer.frame(1, 8, 0);
        shortFrame[0] = 6;
        peer.write(shortFrame);
        assertThat(events(1)).containsExactly("READ EBADMSG");
    }

    @Test
    void theEndInTheMiddleOfAFrameIsTheEnd() throws Exception {
        peer.write(new byte[] {100, 0});
        peer.fd.close();
        assertThat(events(2)).containsExactly("READ ECONNRESET", "WRITE EPIPE");
    }

    private static void fails(Errno errno, CompletableFuture<?> result) {
        refuses(errno, () -> TestLoop.get(result));
    }

    private static void refuses(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
