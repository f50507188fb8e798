// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jpuffs.core.Name;
import jpuffs.sys.MountInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class ListCommandTest {
    private static final Servers NONE = new Servers();

    private static PuffsMount mount(String source, String dir, String type, String options, String superOptions) {
        return new PuffsMount(
                new MountInfo(36, 35, 51, Name.of("/"), Name.of(dir), options, type, Name.of(source), superOptions));
    }

    private final PuffsMount plain =
            mount("dtfs", "/mnt", "fuse.puffs|dtfs", "rw,nosuid,nodev", "rw,user_id=0,allow_other");
    private final PuffsMount odd =
            mount("/srv/a \"b\"\\c", "/mnt/new\nline\u0001", "fuse.puffs|null", "rw,nosuid", "ro");

    @Test
    void knowsItsOwn() {
        assertThat(PuffsMount.isPuffs(plain.info())).isTrue();
        assertThat(PuffsMount.isPuffs(mount("a", "/a", "fuse.puffs", "rw", "rw").info()))
                .isTrue();
        assertThat(PuffsMount.isPuffs(
                        mount("a", "/a", "fuse.puffsy", "rw", "rw").info()))
                .isFalse();
        assertThat(PuffsMount.isPuffs(mount("a", "/a", "fuse.sshfs", "rw", "rw").info()))
                .isFalse();
        assertThat(PuffsMount.isPuffs(mount("a", "/a", "ext4", "rw", "rw").info()))
                .isFalse();
        assertThat(mount("a", "/a", "fuse.puffs", "rw", "rw").type()).isEqualTo("puffs");
        assertThat(plain.type()).isEqualTo("dtfs");
    }

    @Test
    void optionsOnceAndReadOnlyIfEitherIs() {
        assertThat(plain.options()).containsExactly("rw", "nosuid", "nodev", "user_id=0", "allow_other");
        assertThat(odd.options()).containsExactly("ro", "nosuid");
    }

    @Test
    void aTable() {
        assertThat(ListCommand.table(List.of(plain, odd), NONE)).isEqualTo("""
                        SOURCE        DIR                   TYPE  PID  OPTIONS
                        dtfs          /mnt                  dtfs  -    rw,nosuid,nodev,user_id=0,allow_other
                        /srv/a "b"\\c  /mnt/new\\012line\\001  null  -    ro,nosuid
                        """);
    }

    @Test
    void json() {
        assertThat(ListCommand.json(List.of(), NONE)).isEqualTo("[]");
        assertThat(ListCommand.json(List.of(plain, odd), NONE)).isEqualTo("""
                        [
                          {"source": "dtfs", "dir": "/mnt", "type": "dtfs", "pid": null, \
                        "options": ["rw", "nosuid", "nodev", "user_id=0", "allow_other"]},
                          {"source": "/srv/a \\"b\\"\\\\c", "dir": "/mnt/new\\u000aline\\u0001", "type": "null", \
                        "pid": null, "options": ["ro", "nosuid"]}
                        ]""");
    }
}
