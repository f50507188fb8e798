// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Advisory locks of file systems that keep them.
class LockTest extends SessionFixture {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int UNLOCK = 2;
    private static final long END = Long.MAX_VALUE;

    private MemNode file;
    private long id;
    private long fh;

    @BeforeEach
    void openFile() throws IOException {
        fs.keepsLocks = true;
        file = fs.root.addFile("f", "");
        start();
        id = kernel.find(ROOT, "f");
        fh = kernel.open(id, 2);
    }

    private Reply lock(Opcode op, long owner, int type, long start, long end, boolean flock) {
        return kernel.call(
                op,
                id,
                body().u64(fh)
                        .u64(owner)
                        .u64(start)
                        .u64(end)
                        .u32(type)
                        .u32(0)
                        .u32(flock ? 1 : 0)
                        .u32(0));
    }

    private Reply flush(long owner) {
        return kernel.call(Opcode.FLUSH, id, body().u64(fh).u64(0).u64(owner));
    }

    @Test
    void theKernelLeavesLocksToTheServer() {
        assertThat(session.negotiation.has(Wire.Init.POSIX_LOCKS)).isTrue();
        assertThat(session.negotiation.has(Wire.Init.FLOCK_LOCKS)).isTrue();
    }

    /// With FOPEN_NOFLUSH the kernel would not say that a process has closed the file, and its locks would stay.
    @Test
    void closingIsAlwaysTold() {
        assertThat(new Handle(file, 0).caching()).isEqualTo(Handle.NOFLUSH);
        assertThat(kernel.tryOpen(id, 0).ok().u32(Wire.OpenOut.OPEN_FLAGS) & Handle.NOFLUSH)
                .isZero();
    }

    @Test
    void aLockIsAskedForTakenAndGivenUp() {
        lock(Opcode.SETLK, 1, WRITE, 10, 19, false).ok();
        assertThat(file.locks).containsExactly(new Lock(Lock.Type.WRITE, 1, 10, 19, DirectKernel.PID, false));
        Reply held = lock(Opcode.GETLK, 2, READ, 0, END, false).ok();
        assertThat(held.u64(0)).isEqualTo(10);
        assertThat(held.u64(8)).isEqualTo(19);
        assertThat(held.u32(16)).isEqualTo(WRITE);
        assertThat(held.u32(20)).isEqualTo(DirectKernel.PID);
        lock(Opcode.SETLK, 2, READ, 19, 20, false).fails(EAGAIN);
        lock(Opcode.SETLK, 2, READ, 20, END, false).ok();
        lock(Opcode.SETLK, 1, UNLOCK, 0, END, false).ok();
        assertThat(lock(Opcode.GETLK, 2, WRITE, 0, END, false).ok().u32(16)).isEqualTo(UNLOCK);
    }

    @Test
    void closingGivesUpThePosixLocksOfOneOwner() {
        lock(Opcode.SETLK, 1, READ, 0, 9, false).ok();
        lock(Opcode.SETLKW, 2, READ, 0, 9, false).ok();
        lock(Opcode.SETLK, 1, READ, 0, END, true).ok();
        flush(1).ok();
        assertThat(file.locks).extracting(Lock::owner).containsExactly(2L, 1L);
        assertThat(file.locks.getLast().flock()).isTrue();
        assertThat(fs.calls("flush")).isEqualTo(1);
    }

    @Test
    void aFileThatWasNeverLockedIsNotUnlocked() {
        flush(1).ok();
        lock(Opcode.SETLK, 1, READ, 0, END, true).ok();
        lock(Opcode.SETLK, 1, UNLOCK, 0, END, false).ok();
        int before = fs.calls("setlk");
        flush(1).ok();
        assertThat(fs.calls("setlk")).isEqualTo(before);
    }

    @Test
    void closingFlushesEvenIfUnlockingFails() {
        lock(Opcode.SETLK, 1, READ, 0, 9, false).ok();
        fs.before = name -> {
            if (name.equals("setlk")) {
                throw EIO.error();
            }
        };
        flush(1).fails(EIO);
        assertThat(fs.calls("flush")).isEqualTo(1);
        fs.before = _ -> {};
    }

    @Test
    void theLastCloseGivesUpTheFlockLock() {
        lock(Opcode.SETLK, 1, WRITE, 0, END, true).ok();
        lock(Opcode.SETLK, 3, READ, 0, END, false).ok();
        kernel.call(Opcode.RELEASE, id, body().u64(fh).u32(0).u32(2).u64(1)).ok();
        assertThat(file.locks).extracting(Lock::owner).containsExactly(3L);
    }

    @Test
    void aFlockLockIsOfTheWholeFile() {
        lock(Opcode.SETLK, 1, WRITE, 5, 6, true).ok();
        assertThat(file.locks.getFirst().start()).isZero();
        assertThat(file.locks.getFirst().end()).isEqualTo(END);
    }

    @ParameterizedTest
    @CsvSource({"3,0,9", "-1,0,9", "0,-1,9", "0,9,8", "1,0,-1"})
    void locksThatCannotBeAreRefused(int type, long start, long end) {
        lock(Opcode.SETLK, 1, type, start, end, false).fails(EINVAL);
        lock(Opcode.SETLKW, 1, type, start, end, false).fails(EINVAL);
        lock(Opcode.GETLK, 1, type, start, end, false).fails(EINVAL);
        assertThat(file.locks).isEmpty();
    }

    @Test
    void aHolderOfNoLockHoldsNone() {
        file.locks.add(new Lock(Lock.Type.NONE, 9, 0, END, 1, false));
        assertThat(lock(Opcode.GETLK, 2, WRITE, 3, 4, false).ok().u32(16)).isEqualTo(UNLOCK);
    }
}
