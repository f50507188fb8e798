// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.SetAttr.none;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SetAttrTest {
    private static final Time NOW = new Time(1000, 1);
    private static final Time THEN = new Time(-5, 7);
    private static final Attr FILE = Attr.file(06755, 10).withIno(3).withOwner(7, 70);

    @Test
    void everyChangeSetsCtimeOnly() {
        Attr changed = none().withMode(0600).applyTo(FILE, NOW);
        assertThat(changed).isEqualTo(FILE.withMode(Mode.S_IFREG | 0600).withTimes(Time.EPOCH, Time.EPOCH, NOW));
    }

    @Test
    void modeKeepsTheType() {
        assertThat(none().withMode(Mode.S_IFDIR | 0111).applyTo(FILE, NOW).mode())
                .isEqualTo(Mode.S_IFREG | 0111);
    }

    @Test
    void sizeSetsMtimeAlsoIfItStays() {
        Attr changed = none().withSize(10).applyTo(FILE, NOW);
        assertThat(changed).isEqualTo(FILE.withSize(10).withTimes(Time.EPOCH, NOW, NOW));
        assertThat(none().withSize(3).withMtime(THEN).applyTo(FILE, NOW).mtime())
                .isEqualTo(THEN);
    }

    @Test
    void timesAreTaken() {
        Attr changed = none().withAtime(THEN).withMtime(NOW).withCtime(THEN).applyTo(FILE, NOW);
        assertThat(changed).isEqualTo(FILE.withTimes(THEN, NOW, THEN));
    }

    @Test
    void chownClearsSetIdBitsOfWhatIsNoDirectory() {
        Attr owned = none().withUid(8).applyTo(FILE, NOW);
        assertThat(owned.mode()).isEqualTo(Mode.S_IFREG | 0755);
        assertThat(owned.uid()).isEqualTo(8);
        assertThat(owned.gid()).isEqualTo(70);
        assertThat(none().withGid(70).applyTo(FILE, NOW).mode()).isEqualTo(Mode.S_IFREG | 0755);
        assertThat(none().withGid(71).withMode(04711).applyTo(FILE, NOW).mode()).isEqualTo(Mode.S_IFREG | 04711);
        Attr unchanged = none().applyTo(FILE, NOW); // chown(2) with -1 and -1
        assertThat(unchanged).isEqualTo(FILE.withMode(Mode.S_IFREG | 0755).withTimes(Time.EPOCH, Time.EPOCH, NOW));
        Attr directory = FILE.withMode(Mode.S_IFDIR | 06755);
        assertThat(none().withUid(8).withGid(9).applyTo(directory, NOW).mode()).isEqualTo(Mode.S_IFDIR | 06755);
    }

    @Test
    void setGroupIdWithoutExecuteStaysForMembers() {
        Attr plain = FILE.withMode(Mode.S_IFREG | 06644);
        SetAttr kill = none().with(SetAttr.KILL_SUID);
        assertThat(kill.applyTo(plain, NOW).mode()).isEqualTo(Mode.S_IFREG | 02644);
        var member = new Caller(Cred.of(7, 1, 70), 1);
        assertThat(member.call(() -> kill.applyTo(plain, NOW)).mode()).isEqualTo(Mode.S_IFREG | 02644);
        var stranger = new Caller(Cred.of(7, 1), 1);
        assertThat(stranger.call(() -> kill.applyTo(plain, NOW)).mode()).isEqualTo(Mode.S_IFREG | 0644);
        assertThat(stranger.call(() -> kill.applyTo(FILE, NOW)).mode()).isEqualTo(Mode.S_IFREG | 0755);
    }
}
