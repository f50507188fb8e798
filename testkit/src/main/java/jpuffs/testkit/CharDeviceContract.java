// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jpuffs.core.CharDevice;
import jpuffs.core.Errno;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Poll;

/// What every [CharDevice] has to do, whatever it is for: call [#check] in a test of yours.
///
/// The device is opened, read, written and polled; what it does with what it is given is its business.
public final class CharDeviceContract {
    private static final int UNKNOWN_IOCTL = 0x7f7f;
    private static final long LIMIT_SECONDS = 20;

    private final CharDevice device;

    private CharDeviceContract(CharDevice device) {
        this.device = device;
    }

    /// Fails with an AssertionError where `device` does not do as it should.
    public static void check(CharDevice device) throws Exception {
        var contract = new CharDeviceContract(device);
        contract.doesNotWaitWhenItMustNot();
        contract.anInterruptEndsAWait();
        contract.refusesUnknownCommands();
        contract.pollTellsWhatWasAsked();
        contract.isOpenedByMany();
    }

    /// What an operation of an open device came to: its result, or its error.
    private interface Operation {
        int on(CharDevice open) throws IOException;
    }

    private Object outcome(Operation operation) throws IOException {
        CharDevice open = device.open(Fcntl.O_RDWR);
        try {
            return operation.on(open);
        } catch (IOException e) {
            return Errno.of(e);
        } finally {
            open.close();
        }
    }

    private void doesNotWaitWhenItMustNot() throws Exception {
        for (boolean read : new boolean[] {true, false}) {
            MemorySegment bytes = MemorySegment.ofArray(new byte[100]);
            var done = new CompletableFuture<>();
            Thread.startVirtualThread(() -> {
                try {
                    done.complete(outcome(open ->
                            read ? open.read(bytes, 0, Fcntl.O_NONBLOCK) : open.write(bytes, 0, Fcntl.O_NONBLOCK)));
                } catch (IOException e) {
                    done.completeExceptionally(e);
                }
            });
            Object outcome = done.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (outcome instanceof Integer count) {
                assertThat(count).isBetween(0, 100);
            }
        }
    }

    private void anInterruptEndsAWait() throws Exception {
        var done = new CompletableFuture<>();
        Thread reader = Thread.startVirtualThread(() -> {
            try {
                done.complete(outcome(open -> open.read(MemorySegment.ofArray(new byte[100]), 0, 0)));
            } catch (IOException e) {
                done.completeExceptionally(e);
            }
        });
        while (reader.isAlive() && reader.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        reader.interrupt();
        Object outcome = done.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(outcome instanceof Integer || outcome == Errno.EINTR || outcome == Errno.EINVAL)
                .as("a read that was interrupted: " + outcome)
                .isTrue();
    }

    private void refusesUnknownCommands() throws IOException {
        MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
        assertThat(outcome(open -> open.ioctl(UNKNOWN_IOCTL, nothing, nothing))).isEqualTo(Errno.ENOTTY);
    }

    private void pollTellsWhatWasAsked() throws IOException {
        Object outcome = outcome(open -> open.poll(Poll.POLLOUT, null));
        assertThat(outcome).isIn(0, Poll.POLLOUT, Errno.ENOSYS);
    }

    private void isOpenedByMany() throws IOException {
        var opens = new ArrayList<CharDevice>();
        for (int i = 0; i < 100; i++) {
            opens.add(device.open(Fcntl.O_RDWR | Fcntl.O_NONBLOCK));
        }
        for (CharDevice open : opens) {
            open.close();
        }
    }
}
