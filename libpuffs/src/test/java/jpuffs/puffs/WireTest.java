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
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import jpuffs.core.Handle;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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
                String[] words = line.strip().split(" ", -1);
                numbers.put(words[0], Long.parseUnsignedLong(words[1], 10));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return numbers;
    }

    private static long number(String name) {
        Long number = HEADER.get(name);
        assertThat(number).as("%s in the header", name).isNotNull();
        return number;
    }

    @Test
    void everyOpcodeHasItsNumber() {
        for (Opcode op : Opcode.values()) {
            assertThat((long) op.number()).isEqualTo(op == Opcode.CUSE_INIT ? 4096 : number("FUSE_" + op));
        }
    }

    @Test
    void everyOpcodeOfTheHeaderIsKnown() {
        for (int number = 1; number <= 53; number++) {
            boolean unused = number == 7 || number == 19;
            assertThat(Opcode.of(number) == null).as("opcode %d", number).isEqualTo(unused);
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
        assertThat(flag.getLong(null)).isEqualTo(number("FUSE_" + flag.getName()));
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
            String key = struct + "." + field.getName().toLowerCase(Locale.ROOT);
            boolean sizeOfAll = field.getName().equals("SIZE"); // a field called size has another constant
            if (!sizeOfAll && Modifier.isStatic(field.getModifiers()) && HEADER.containsKey(key)) {
                assertThat((long) field.getInt(null)).as(key).isEqualTo(number(key));
                compared++;
            }
        }
        assertThat(compared).as("fields of %s compared", struct).isGreaterThan(0);
        if (hasSize(type)) {
            assertThat((long) size(type)).isEqualTo(number("sizeof." + struct));
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

    /// What follows the header; operations not named here have names only, or nothing.
    private static final Map<String, String> ARGUMENTS = Map.ofEntries(
            Map.entry("FORGET", "forget_in"),
            Map.entry("GETATTR", "getattr_in"),
            Map.entry("SETATTR", "setattr_in"),
            Map.entry("MKNOD", "mknod_in"),
            Map.entry("MKDIR", "mkdir_in"),
            Map.entry("RENAME", "rename_in"),
            Map.entry("LINK", "link_in"),
            Map.entry("OPEN", "open_in"),
            Map.entry("READ", "read_in"),
            Map.entry("WRITE", "write_in"),
            Map.entry("RELEASE", "release_in"),
            Map.entry("FSYNC", "fsync_in"),
            Map.entry("GETXATTR", "getxattr_in"),
            Map.entry("LISTXATTR", "getxattr_in"),
            Map.entry("FLUSH", "flush_in"),
            Map.entry("OPENDIR", "open_in"),
            Map.entry("READDIR", "read_in"),
            Map.entry("RELEASEDIR", "release_in"),
            Map.entry("FSYNCDIR", "fsync_in"),
            Map.entry("GETLK", "lk_in"),
            Map.entry("SETLK", "lk_in"),
            Map.entry("SETLKW", "lk_in"),
            Map.entry("ACCESS", "access_in"),
            Map.entry("CREATE", "create_in"),
            Map.entry("INTERRUPT", "interrupt_in"),
            Map.entry("BMAP", "bmap_in"),
            Map.entry("IOCTL", "ioctl_in"),
            Map.entry("POLL", "poll_in"),
            Map.entry("NOTIFY_REPLY", "notify_retrieve_in"),
            Map.entry("BATCH_FORGET", "batch_forget_in"),
            Map.entry("FALLOCATE", "fallocate_in"),
            Map.entry("READDIRPLUS", "read_in"),
            Map.entry("RENAME2", "rename2_in"),
            Map.entry("LSEEK", "lseek_in"),
            Map.entry("COPY_FILE_RANGE", "copy_file_range_in"),
            Map.entry("COPY_FILE_RANGE_64", "copy_file_range_in"),
            Map.entry("SETUPMAPPING", "setupmapping_in"),
            Map.entry("REMOVEMAPPING", "removemapping_in"),
            Map.entry("SYNCFS", "syncfs_in"),
            Map.entry("TMPFILE", "create_in"),
            Map.entry("STATX", "statx_in"));

    @ParameterizedTest
    @EnumSource
    void argumentSizesAreThoseOfTheHeader(Opcode op) {
        long expected = switch (op) {
            case INIT, CUSE_INIT -> 16; // INIT before 7.36
            case SETXATTR -> number("FUSE_COMPAT_SETXATTR_IN_SIZE");
            default -> {
                String struct = ARGUMENTS.get(op.name());
                yield struct == null ? 0 : number("sizeof.fuse_" + struct);
            }
        };
        assertThat((long) op.argSize()).isEqualTo(expected);
        assertThat((long) Wire.SetxattrIn.EXT_SIZE).isEqualTo(number("sizeof.fuse_setxattr_in"));
        assertThat((long) Wire.InitIn.FULL_SIZE).isEqualTo(number("sizeof.fuse_init_in"));
    }

    static Stream<Object[]> flags() {
        return Stream.of(
                flag("FUSE_GETATTR_FH", Wire.GetattrIn.FLAG_FH),
                flag("FUSE_OPEN_KILL_SUIDGID", Wire.OpenIn.KILL_SUIDGID),
                flag("FUSE_WRITE_KILL_SUIDGID", Wire.IoIn.WRITE_KILL_SUIDGID),
                flag("FUSE_RELEASE_FLOCK_UNLOCK", Wire.ReleaseIn.FLOCK_UNLOCK),
                flag("FUSE_FSYNC_FDATASYNC", Wire.FsyncIn.FDATASYNC),
                flag("FUSE_SETXATTR_ACL_KILL_SGID", Wire.SetxattrIn.ACL_KILL_SGID),
                flag("FUSE_LK_FLOCK", Wire.LkIn.FLOCK),
                flag("FUSE_IOCTL_UNRESTRICTED", Wire.IoctlIn.UNRESTRICTED),
                flag("FUSE_IOCTL_COMPAT", Wire.IoctlIn.COMPAT),
                flag("FUSE_IOCTL_RETRY", Wire.IoctlOut.RETRY),
                flag("FUSE_IOCTL_MAX_IOV", jpuffs.core.IoctlMemory.MAX_RANGES),
                flag("FUSE_POLL_SCHEDULE_NOTIFY", Wire.PollIn.SCHEDULE_NOTIFY),
                flag("FUSE_EXPIRE_ONLY", Wire.Notify.EXPIRE_ONLY),
                flag("FUSE_NOTIFY_POLL", Wire.Notify.POLL),
                flag("FUSE_NOTIFY_INVAL_INODE", Wire.Notify.INVAL_INODE),
                flag("FUSE_NOTIFY_INVAL_ENTRY", Wire.Notify.INVAL_ENTRY),
                flag("FUSE_NOTIFY_STORE", Wire.Notify.STORE),
                flag("FUSE_NOTIFY_RETRIEVE", Wire.Notify.RETRIEVE),
                flag("FUSE_NOTIFY_DELETE", Wire.Notify.DELETE),
                flag("FUSE_NOTIFY_RESEND", Wire.Notify.RESEND),
                flag("FUSE_NOTIFY_INC_EPOCH", Wire.Notify.INC_EPOCH),
                flag("FUSE_NOTIFY_PRUNE", Wire.Notify.PRUNE),
                flag("FUSE_MIN_READ_BUFFER", Wire.MIN_READ_BUFFER),
                flag("FUSE_ROOT_ID", (int) Wire.ROOT_ID),
                flag("FUSE_KERNEL_VERSION", Wire.MAJOR),
                flag("FUSE_KERNEL_MINOR_VERSION", Wire.MINOR));
    }

    private static Object[] flag(String name, int value) {
        return new Object[] {name, value};
    }

    @ParameterizedTest
    @MethodSource("flags")
    void everyFlagIsThatOfTheHeader(String name, int value) {
        assertThat((long) value).isEqualTo(number(name));
    }

    @Test
    void setattrAsksForTheFieldsOfTheHeader() throws IllegalAccessException {
        int compared = 0;
        for (Field field : Wire.SetattrIn.class.getDeclaredFields()) {
            if (field.getName().startsWith("VALID_")) {
                String name = "FATTR_" + field.getName().substring("VALID_".length());
                assertThat((long) field.getInt(null)).isEqualTo(number(name));
                compared++;
            }
        }
        assertThat(compared).isEqualTo(11);
    }

    /// The constants of [Handle] and those of [Wire.OpenOut] are the same numbers.
    @Test
    void handlesSpeakInFlagsOfTheProtocol() {
        assertThat((long) Handle.DIRECT_IO).isEqualTo(number("FOPEN_DIRECT_IO"));
        assertThat((long) Handle.KEEP_CACHE).isEqualTo(number("FOPEN_KEEP_CACHE"));
        assertThat((long) Handle.NONSEEKABLE).isEqualTo(number("FOPEN_NONSEEKABLE"));
        assertThat((long) Handle.CACHE_DIR).isEqualTo(number("FOPEN_CACHE_DIR"));
        assertThat((long) Handle.STREAM).isEqualTo(number("FOPEN_STREAM"));
        assertThat((long) Handle.NOFLUSH).isEqualTo(number("FOPEN_NOFLUSH"));
        assertThat((long) Handle.PARALLEL_WRITES).isEqualTo(number("FOPEN_PARALLEL_DIRECT_WRITES"));
        assertThat((long) Wire.OpenOut.PASSTHROUGH).isEqualTo(number("FOPEN_PASSTHROUGH"));
    }
}
