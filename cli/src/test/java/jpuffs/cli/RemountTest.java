// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static jpuffs.sys.Mounts.MS_NOATIME;
import static jpuffs.sys.Mounts.MS_NODEV;
import static jpuffs.sys.Mounts.MS_NOEXEC;
import static jpuffs.sys.Mounts.MS_NOSUID;
import static jpuffs.sys.Mounts.MS_RDONLY;
import static jpuffs.sys.Mounts.MS_RELATIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import jpuffs.core.Name;
import jpuffs.sys.MountInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class RemountTest {
    private static long flags(String options) throws Failure {
        var mount = new PuffsMount(new MountInfo(
                36,
                35,
                51,
                Name.of("/"),
                Name.of("/mnt"),
                "rw,nosuid,nodev,relatime",
                "fuse.puffs|fake",
                Name.of("fake"),
                "rw,user_id=0,group_id=0,default_permissions,allow_other,max_read=65536"));
        return Remount.flags(
                mount, new MountArgs("fake", null, "/mnt", Opt.parse(options), false, false), new FakeType());
    }

    @Test
    void whatIsNotNamedStays() throws Failure {
        assertThat(flags("remount")).isEqualTo(MS_NOSUID | MS_NODEV | MS_RELATIME);
        assertThat(flags("remount,ro")).isEqualTo(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_RELATIME);
        assertThat(flags("remount,noexec,suid,dev")).isEqualTo(MS_NOEXEC | MS_RELATIME);
        assertThat(flags("remount,noatime")).isEqualTo(MS_NOSUID | MS_NODEV | MS_NOATIME);
    }

    @Test
    void mountRepeatsAllThatThereIs() throws Failure {
        String all =
                "rw,nosuid,nodev,relatime,user_id=0,group_id=0,default_permissions,allow_other,speed=5,x-a,remount,ro";
        assertThat(flags(all)).isEqualTo(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_RELATIME);
    }

    @Test
    void unknownIsRefusedHereToo() {
        assertThatThrownBy(() -> flags("remount,foo")).hasMessageStartingWith("unknown option foo");
    }

    @Test
    void onlyWhatPuffsHasMounted() {
        var args = new MountArgs("fake", null, "/proc", List.of(new Opt("remount", null)), false, false);
        assertThatThrownBy(() -> Remount.run(args, new FakeType(), true))
                .hasMessage("cannot remount /proc: puffs has mounted nothing there");
    }
}
