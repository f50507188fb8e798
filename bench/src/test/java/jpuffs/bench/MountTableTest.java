// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MountTableTest {
    @Test
    void readsALineOfMountinfo() {
        var row = MountTable.Row.parse(
                "36 35 0:51 / /mnt/a\\040b rw,nosuid shared:7 - fuse.puffs|null /srv rw,user_id=0");
        assertThat(row).isEqualTo(new MountTable.Row(51, "/mnt/a b", "fuse.puffs|null"));
    }

    @Test
    void optionalFieldsMayBeMissing() {
        assertThat(MountTable.Row.parse("1 2 8:1 / / rw - ext4 /dev/sda1 rw").type())
                .isEqualTo("ext4");
    }
}
