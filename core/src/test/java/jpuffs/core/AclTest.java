// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Acl.GROUP;
import static jpuffs.core.Acl.GROUP_OBJ;
import static jpuffs.core.Acl.MASK;
import static jpuffs.core.Acl.OTHER;
import static jpuffs.core.Acl.USER;
import static jpuffs.core.Acl.USER_OBJ;
import static jpuffs.core.Errors.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AclTest {
    /// What `setfacl -m u:5:rw,g:6:r` makes of mode 0640.
    private static final String BYTES = "02000000" + "01000600ffffffff" + "0200060005000000" + "04000400ffffffff"
            + "0800040006000000" + "10000600ffffffff" + "20000000ffffffff";

    private static Acl.Entry entry(int tag, int permissions) {
        return new Acl.Entry(tag, permissions, -1);
    }

    private static Acl sample() throws ErrnoException {
        return Acl.of(
                entry(USER_OBJ, 6),
                new Acl.Entry(USER, 6, 5),
                entry(GROUP_OBJ, 4),
                new Acl.Entry(GROUP, 4, 6),
                entry(MASK, 6),
                entry(OTHER, 0));
    }

    private static Acl minimal(int owner, int group, int other) throws ErrnoException {
        return Acl.of(entry(USER_OBJ, owner), entry(GROUP_OBJ, group), entry(OTHER, other));
    }

    @Test
    void hasTheFormatOfTheKernel() throws ErrnoException {
        byte[] value = HexFormat.of().parseHex(BYTES);
        assertThat(Acl.parse(value)).isEqualTo(sample()).hasSameHashCodeAs(sample());
        assertThat(sample().toBytes()).isEqualTo(value);
        assertThat(sample().entries()).hasSize(6);
        assertThat(Acl.isEmpty(new byte[4])).isTrue();
        assertThat(Acl.isEmpty(value)).isFalse();
    }

    @Test
    void refusesWhatIsNotWellFormed() {
        assertFails(Errno.EINVAL, () -> Acl.parse(new byte[3]));
        assertFails(Errno.EOPNOTSUPP, () -> Acl.parse(HexFormat.of().parseHex("03000000")));
        assertFails(Errno.EINVAL, () -> Acl.parse(HexFormat.of().parseHex("02000000")));
        assertFails(Errno.EINVAL, () -> Acl.parse(HexFormat.of().parseHex(BYTES + "00")));
        assertFails(Errno.EINVAL, () -> Acl.of(entry(USER_OBJ, 6), entry(GROUP_OBJ, 4)));
        assertFails(Errno.EINVAL, () -> Acl.of(entry(GROUP_OBJ, 6), entry(USER_OBJ, 4), entry(OTHER, 0)));
        assertFails(Errno.EINVAL, () -> minimal(8, 0, 0));
        assertFails(
                Errno.EINVAL,
                () -> Acl.of(entry(USER_OBJ, 6), entry(USER_OBJ, 6), entry(GROUP_OBJ, 4), entry(OTHER, 0)));
        assertFails(
                Errno.EINVAL,
                () -> Acl.of(entry(USER_OBJ, 6), new Acl.Entry(USER, 6, 5), entry(GROUP_OBJ, 4), entry(OTHER, 0)));
        assertFails(Errno.EINVAL, () -> Acl.of(entry(3, 6)));
        assertFails(Errno.EINVAL, () -> Acl.of(entry(0x40, 6)));
    }

    @Test
    void modeShowsTheMaskAsTheGroup() throws ErrnoException {
        assertThat(sample().applyTo(Mode.S_IFREG | 04007)).isEqualTo(Mode.S_IFREG | 04660);
        assertThat(sample().isMode()).isFalse();
        assertThat(minimal(7, 5, 1).applyTo(0)).isEqualTo(0751);
        assertThat(minimal(7, 5, 1).isMode()).isTrue();
    }

    @Test
    void chmodSetsOwnerMaskAndOthers() throws ErrnoException {
        Acl changed = sample().withMode(0715);
        assertThat(changed.applyTo(0)).isEqualTo(0715);
        assertThat(changed.entries().get(2)).isEqualTo(entry(GROUP_OBJ, 4));
        assertThat(changed.entries().get(4)).isEqualTo(entry(MASK, 1));
        assertThat(minimal(0, 0, 0).withMode(0715)).isEqualTo(minimal(7, 1, 5));
    }

    @Test
    void aNewFileGetsWhatModeAndDefaultBothAllow() throws ErrnoException {
        Acl.Created made = sample().create(Mode.S_IFREG | 02644);
        assertThat(made.mode()).isEqualTo(Mode.S_IFREG | 02640);
        assertThat(made.acl()).isEqualTo(sample().withMode(0640));
        assertThat(minimal(7, 7, 7).create(Mode.S_IFDIR | 0750).mode()).isEqualTo(Mode.S_IFDIR | 0750);
        assertThat(minimal(7, 0, 0).create(0666).acl().isMode()).isTrue();
    }

    @Test
    void decidesByUserThenGroupsThenOthers() throws ErrnoException {
        Attr attr = Attr.file(0660, 0).withOwner(1, 100);
        Acl acl = Acl.of(
                entry(USER_OBJ, 6),
                new Acl.Entry(USER, 7, 5),
                entry(GROUP_OBJ, 4),
                new Acl.Entry(GROUP, 2, 6),
                entry(MASK, 6),
                entry(OTHER, 1));
        assertThat(acl.allows(attr, 6, Cred.of(1, 1))).isTrue();
        assertThat(acl.allows(attr, 6, Cred.of(5, 6))).isTrue();
        assertThat(acl.allows(attr, 1, Cred.of(5, 6))).as("masked").isFalse();
        assertThat(acl.allows(attr, 4, Cred.of(9, 100))).isTrue();
        assertThat(acl.allows(attr, 2, Cred.of(9, 100, 6))).isTrue();
        assertThat(acl.allows(attr, 6, Cred.of(9, 100, 6)))
                .as("two groups do not add up")
                .isFalse();
        assertThat(acl.allows(attr, 1, Cred.of(9, 100)))
                .as("a member is not an other")
                .isFalse();
        assertThat(acl.allows(attr, 1, Cred.of(9, 9))).isTrue();
        assertThat(acl.allows(attr, 4, Cred.of(9, 9))).isFalse();
        assertThat(acl.allows(attr, 6, Cred.ROOT)).isTrue();
        assertThat(minimal(6, 4, 0).allows(attr, 4, Cred.of(9, 100))).isTrue();
    }
}
