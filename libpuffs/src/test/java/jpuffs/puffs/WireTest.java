// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The numbers of [Wire] and [Opcode] against those read from the kernel's header (`uapi.txt`: names, sizes,
/// offsets).
class WireTest {
    private static final Map<String, Long> HEADER = header();

    private static Map<String, Long> header() {
        var numbers = new HashMap<String, Long>();
        try (var in = WireTest.class.getResourceAsStream("uapi.txt");
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            reader.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] words = line.split(" ", -1);
                numbers.put(words[0], Long.parseUnsignedLong(words[1], 10));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return numbers;
    }

    @Test
    void everyOpcodeHasItsNumber() {
        for (Opcode op : Opcode.values()) {
            assertThat(HEADER).containsEntry("FUSE_" + op, (long) op.number());
        }
    }

    @Test
    void everyOpcodeOfTheHeaderIsKnown() {
        for (int number = 1; number <= 53; number++) {
            if (HEADER.containsKey("opcode." + number)) {
                assertThat(Opcode.of(number)).as("opcode %d", number).isNotNull();
            }
        }
        assertThat(Opcode.of(54)).isNull();
        assertThat(Opcode.of(-1)).isNull();
    }

    static Stream<Field> initFlags() {
        return Stream.of(Wire.Init.class.getDeclaredFields());
    }

    @ParameterizedTest
    @MethodSource("initFlags")
    void everyInitFlagHasItsBit(Field flag) throws IllegalAccessException {
        assertThat(HEADER).containsEntry("FUSE_" + flag.getName(), flag.getLong(null));
    }

    /// `Class.FIELD` of Wire is `struct.field` of the header.
    static Stream<Object[]> offsets() {
        return Stream.of(
                row(Wire.InHeader.class, "fuse_in_header"),
                row(Wire.OutHeader.class, "fuse_out_header"),
                row(Wire.InitIn.class, "fuse_init_in"),
                row(Wire.InitOut.class, "fuse_init_out"),
                row(Wire.AttrRec.class, "fuse_attr"),
                row(Wire.EntryOut.class, "fuse_entry_out"),
                row(Wire.AttrOut.class, "fuse_attr_out"),
                row(Wire.SetattrIn.class, "fuse_setattr_in"),
                row(Wire.MknodIn.class, "fuse_mknod_in"),
                row(Wire.MkdirIn.class, "fuse_mkdir_in"),
                row(Wire.OpenIn.class, "fuse_open_in"),
                row(Wire.CreateIn.class, "fuse_create_in"),
                row(Wire.OpenOut.class, "fuse_open_out"),
                row(Wire.IoIn.class, "fuse_write_in"),
                row(Wire.ReleaseIn.class, "fuse_release_in"),
                row(Wire.FlushIn.class, "fuse_flush_in"),
                row(Wire.Kstatfs.class, "fuse_kstatfs"),
                row(Wire.FileLock.class, "fuse_file_lock"),
                row(Wire.FallocateIn.class, "fuse_fallocate_in"),
                row(Wire.LseekIn.class, "fuse_lseek_in"),
                row(Wire.CopyIn.class, "fuse_copy_file_range_in"),
                row(Wire.PollIn.class, "fuse_poll_in"),
                row(Wire.Dirent.class, "fuse_dirent"),
                row(Wire.ForgetOne.class, "fuse_forget_one"),
                row(Wire.RetrieveIn.class, "fuse_notify_retrieve_in"));
    }

    private static Object[] row(Class<?> type, String struct) {
        return new Object[] {type, struct};
    }

    @ParameterizedTest
    @MethodSource("offsets")
    void everyFieldLiesWhereTheHeaderSays(Class<?> type, String struct) throws IllegalAccessException {
        int compared = 0;
        for (Field field : type.getDeclaredFields()) {
            String key = struct + "." + field.getName().toLowerCase(java.util.Locale.ROOT);
            boolean offset = Modifier.isStatic(field.getModifiers()) && HEADER.containsKey(key);
            if (offset) {
                assertThat(field.getInt(null)).as(key).isEqualTo(HEADER.get(key).intValue());
                compared++;
            }
        }
        assertThat(compared).as("fields of %s compared", struct).isGreaterThan(0);
        if (hasSize(type)) {
            assertThat((long) size(type)).isEqualTo(HEADER.get("sizeof." + struct));
        }
    }

    private static boolean hasSize(Class<?> type) {
        return Stream.of(type.getDeclaredFields()).anyMatch(f -> f.getName().equals("SIZE"));
    }

    private static int size(Class<?> type) throws IllegalAccessException {
        try {
            return type.getDeclaredField("SIZE").getInt(null);
        } catch (NoSuchFieldException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void argumentSizesAreThoseOfTheHeader() {
        assertThat(Opcode.SETATTR.argSize())
                .isEqualTo(HEADER.get("sizeof.fuse_setattr_in").intValue());
        assertThat(Opcode.CREATE.argSize())
                .isEqualTo(HEADER.get("sizeof.fuse_create_in").intValue());
        assertThat(Opcode.WRITE.argSize())
                .isEqualTo(HEADER.get("sizeof.fuse_write_in").intValue());
        assertThat(Opcode.GETLK.argSize())
                .isEqualTo(HEADER.get("sizeof.fuse_lk_in").intValue());
        assertThat(Opcode.IOCTL.argSize())
                .isEqualTo(HEADER.get("sizeof.fuse_ioctl_in").intValue());
        assertThat(Opcode.COPY_FILE_RANGE.argSize())
                .isEqualTo(HEADER.get("sizeof.fuse_copy_file_range_in").intValue());
        assertThat(Opcode.STATX.argSize())
                .isEqualTo(HEADER.get("sizeof.fuse_statx_in").intValue());
    }
}
