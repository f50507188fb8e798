// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errors.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NameTest {
    @Test
    void equalBytesAreOneName() throws ErrnoException {
        Name name = Name.of("größe");
        byte[] bytes = name.toBytes();
        assertThat(name)
                .isEqualTo(Name.of(bytes))
                .hasSameHashCodeAs(Name.of(bytes))
                .hasToString("größe");
        assertThat(name).isNotEqualTo(Name.of("grösse")).isNotEqualTo(null).isNotEqualTo("größe");
        assertThat(name.length()).isEqualTo(7);
        assertThat(name.is("größe")).isTrue();
        assertThat(name.checkComponent()).isSameAs(name);
    }

    @Test
    void isACopyOfWhatItWasMadeOf() {
        byte[] bytes = {'a', 'b'};
        Name name = Name.of(bytes);
        bytes[0] = 'x';
        name.toBytes()[1] = 'x';
        assertThat(name.is("ab")).isTrue();
        assertThat(name.byteAt(1)).isEqualTo((byte) 'b');
    }

    @Test
    void goesInAndOutOfSegments() {
        MemorySegment segment = MemorySegment.ofArray("..name..".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Name name = Name.of(segment, 2, 4);
        assertThat(name.is("name")).isTrue();
        name.copyTo(segment, 4);
        assertThat(Name.of(segment, 0, 8).is("..naname")).isTrue();
    }

    @Test
    void orderIsThatOfUnsignedBytes() {
        Name high = Name.of(new byte[] {(byte) 0xff});
        assertThat(Name.of("a"))
                .isLessThan(Name.of("ab"))
                .isLessThan(Name.of("b"))
                .isLessThan(high);
        assertThat(high).isEqualByComparingTo(Name.of(new byte[] {(byte) 0xff}));
    }

    @Test
    void checksComponents() throws ErrnoException {
        assertThat(Name.of("x".repeat(255)).checkComponent().length()).isEqualTo(Name.MAX);
        assertThat(Name.of("...").checkComponent().isDotDot()).isFalse();
        assertFails(Errno.ENAMETOOLONG, () -> Name.of("x".repeat(256)).checkComponent());
        assertFails(Errno.ENOENT, () -> Name.of("").checkComponent());
        assertFails(Errno.EINVAL, () -> Name.of("a/b").checkComponent());
        assertFails(Errno.EINVAL, () -> Name.of("a\0b").checkComponent());
        assertFails(Errno.EEXIST, () -> Name.DOT.checkComponent());
        assertFails(Errno.EEXIST, () -> Name.DOT_DOT.checkComponent());
    }
}
