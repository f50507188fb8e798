// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Access.EXECUTE;
import static jpuffs.core.Access.READ;
import static jpuffs.core.Access.WRITE;
import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errors.assertFails;
import static jpuffs.core.SetAttr.none;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AccessTest {
    private static final Cred OWNER = Cred.of(10, 100);
    private static final Cred MEMBER = Cred.of(11, 101, 5, 100);
    private static final Cred OTHER = Cred.of(12, 102, 6);
    private static final Time NOW = new Time(1000, 0);

    private static Attr file(int permissions) {
        return Attr.file(permissions, 0).withOwner(10, 100);
    }

    private static Attr directory(int permissions) {
        return Attr.directory(permissions).withOwner(10, 100);
    }

    @Test
    void theFirstClassThatFitsDecidesForEveryMode() {
        for (int mode = 0; mode <= 0777; mode++) {
            for (int mask = 0; mask <= 7; mask++) {
                Attr attr = file(mode);
                assertThat(Access.allowed(attr, mask, OWNER)).isEqualTo((mode >> 6 & mask) == mask);
                assertThat(Access.allowed(attr, mask, MEMBER)).isEqualTo((mode >> 3 & mask) == mask);
                assertThat(Access.allowed(attr, mask, OTHER)).isEqualTo((mode & mask) == mask);
                boolean executes = (mask & EXECUTE) == 0 || (mode & 0111) != 0;
                assertThat(Access.allowed(attr, mask, Cred.ROOT)).isEqualTo(executes);
                assertThat(Access.allowed(directory(mode), mask, Cred.ROOT)).isTrue();
            }
        }
        assertFails(EACCES, () -> Access.check(file(0077), READ, OWNER));
    }

    @Test
    void groupsAreLookedUpOnceAndOnlyIfTheyMatter() {
        var asked = new AtomicInteger();
        Cred lazy = Cred.lazy(12, 102, () -> {
            asked.incrementAndGet();
            return new int[] {100};
        });
        assertThat(Access.allowed(file(0644), READ, lazy)).isTrue();
        assertThat(Access.allowed(file(0644), WRITE, lazy)).isFalse();
        assertThat(asked).hasValue(0);
        assertThat(Access.allowed(file(0660), WRITE, lazy)).isTrue();
        assertThat(Access.allowed(file(0606), WRITE, lazy)).isFalse();
        assertThat(asked).hasValue(1);
        assertThat(lazy.groups()).containsExactly(100);
        assertThat(lazy).hasToString("uid 12 gid 102");
    }

    @Test
    void deletingNeedsWriteAndSearchOfTheDirectory() throws ErrnoException {
        Attr victim = file(0).withOwner(99, 99);
        Access.checkDelete(directory(0300), victim, OWNER);
        assertFails(EACCES, () -> Access.checkDelete(directory(0600), victim, OWNER));
        assertFails(EACCES, () -> Access.checkDelete(directory(0500), victim, OWNER));
        assertFails(EACCES, () -> Access.checkDelete(directory(0775), victim, OTHER));
    }

    @Test
    void stickyDirectoriesKeepStrangersOff() throws ErrnoException {
        Attr tmp = directory(01777);
        Access.checkDelete(tmp, file(0).withOwner(99, 99), OWNER);
        Access.checkDelete(tmp, file(0).withOwner(12, 99), OTHER);
        Access.checkDelete(tmp, file(0).withOwner(99, 99), Cred.ROOT);
        assertFails(EPERM, () -> Access.checkDelete(tmp, file(0777).withOwner(99, 102), OTHER));
    }

    @Test
    void chmodNeedsTheOwner() throws ErrnoException {
        SetAttr chmod = none().withMode(0644);
        assertThat(Access.checkSetattr(file(0), chmod, OWNER)).isEqualTo(chmod);
        assertThat(Access.checkSetattr(file(0), chmod, Cred.ROOT)).isEqualTo(chmod);
        assertFails(EPERM, () -> Access.checkSetattr(file(0777), chmod, MEMBER));
        assertFails(EPERM, () -> Access.checkSetattr(file(0777), chmod, OTHER));
    }

    @Test
    void setGroupIdIsDroppedInAForeignGroup() throws ErrnoException {
        SetAttr chmod = none().withMode(06755);
        assertThat(Access.checkSetattr(file(0), chmod, OWNER)).isEqualTo(chmod);
        Attr foreign = file(0).withOwner(10, 999);
        assertThat(Access.checkSetattr(foreign, chmod, OWNER).mode()).isEqualTo(04755);
        assertThat(Access.checkSetattr(foreign, chmod, Cred.ROOT).mode()).isEqualTo(06755);
        assertThat(Access.checkSetattr(foreign, chmod.withGid(100), OWNER).mode())
                .isEqualTo(06755);
    }

    @Test
    void onlyTheSuperUserChangesTheOwner() throws ErrnoException {
        Access.checkSetattr(file(0), none().withUid(11), Cred.ROOT);
        Access.checkSetattr(file(0), none().withUid(10), OWNER);
        assertFails(EPERM, () -> Access.checkSetattr(file(0), none().withUid(11), OWNER));
        assertFails(EPERM, () -> Access.checkSetattr(file(0777), none().withUid(10), MEMBER));
    }

    @Test
    void theOwnerChangesTheGroupToOneOfHis() throws ErrnoException {
        Cred owner = Cred.of(10, 1, 5, 6);
        for (int group : new int[] {1, 5, 6, 100}) {
            Access.checkSetattr(file(0), none().withGid(group), owner);
        }
        assertFails(EPERM, () -> Access.checkSetattr(file(0), none().withGid(7), owner));
        assertFails(EPERM, () -> Access.checkSetattr(file(0777), none().withGid(101), MEMBER));
        Access.checkSetattr(file(0), none().withGid(7), Cred.ROOT);
    }

    @Test
    void timesNeedTheOwnerAndNowAWriter() throws ErrnoException {
        SetAttr now = none().withAtime(NOW).withMtime(NOW).with(SetAttr.ATIME_NOW | SetAttr.MTIME_NOW);
        SetAttr half = none().withMtime(NOW).with(SetAttr.MTIME_NOW);
        SetAttr mixed = none().withAtime(NOW).withMtime(NOW).with(SetAttr.MTIME_NOW);
        SetAttr fixed = none().withAtime(NOW);
        for (SetAttr change : new SetAttr[] {now, half, mixed, fixed}) {
            Access.checkSetattr(file(0), change, OWNER);
            Access.checkSetattr(file(0), change, Cred.ROOT);
        }
        Access.checkSetattr(file(0602), now, OTHER);
        assertFails(EACCES, () -> Access.checkSetattr(file(0604), now, OTHER));
        assertFails(EPERM, () -> Access.checkSetattr(file(0602), half, OTHER));
        assertFails(EPERM, () -> Access.checkSetattr(file(0602), mixed, OTHER));
        assertFails(EPERM, () -> Access.checkSetattr(file(0602), fixed, OTHER));
    }

    @Test
    void truncatingNeedsAWriterAlsoIfItBringsItsTime() throws ErrnoException {
        SetAttr truncate = none().withSize(0);
        SetAttr timed = truncate.withMtime(NOW).with(SetAttr.MTIME_NOW);
        Access.checkSetattr(file(0602), truncate, OTHER);
        Access.checkSetattr(file(0602), timed, OTHER);
        assertFails(EPERM, () -> Access.checkSetattr(file(0602), truncate.withMtime(NOW), OTHER));
        assertFails(EACCES, () -> Access.checkSetattr(file(0604), timed, OTHER));
        assertFails(EACCES, () -> Access.checkSetattr(file(0477), truncate, OWNER));
    }

    @Test
    void aNewFileBelongsToItsMaker() {
        Attr made = Access.created(directory(0777), Mode.S_IFREG | 06755, MEMBER, NOW);
        assertThat(made)
                .isEqualTo(Attr.of(Mode.S_IFREG | 06755).withOwner(11, 101).withTimes(NOW));
        int mode = Access.created(directory(0777), Mode.S_IFDIR | 07755, MEMBER, NOW)
                .mode();
        assertThat(mode).isEqualTo(Mode.S_IFDIR | 01755);
    }

    @Test
    void aSetGroupIdDirectoryGivesItsGroup() {
        Attr parent = directory(02777);
        Attr sub = Access.created(parent, Mode.S_IFDIR | 0755, OTHER, NOW);
        assertThat(sub.mode()).isEqualTo(Mode.S_IFDIR | 02755);
        assertThat(sub.gid()).isEqualTo(100);
        assertThat(sub.nlink()).isEqualTo(2);
        int program = Mode.S_IFREG | 02755;
        assertThat(Access.created(parent, program, OTHER, NOW).mode()).isEqualTo(Mode.S_IFREG | 0755);
        assertThat(Access.created(parent, program, MEMBER, NOW).mode()).isEqualTo(program);
        assertThat(Access.created(parent, program, Cred.ROOT, NOW).mode()).isEqualTo(program);
        int noProgram = Mode.S_IFREG | 02644;
        assertThat(Access.created(parent, noProgram, OTHER, NOW).mode()).isEqualTo(noProgram);
    }

    @Test
    void theCallerIsTheOneBoundRoundTheOperation() {
        var caller = new Caller(OTHER, 42);
        assertThat(Caller.current()).isEqualTo(Caller.KERNEL);
        assertThat(caller.call(Caller::current)).isEqualTo(caller);
        caller.run(() -> assertThat(Caller.current().pid()).isEqualTo(42));
    }
}
