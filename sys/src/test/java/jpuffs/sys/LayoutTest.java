// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Compares every number and offset this module writes down with the C headers of this machine, by a C program made
/// from the list. What the installed headers are too old for is left out.
@Timeout(60)
class LayoutTest {
    private static final List<String> KERNEL = List.of(
            "linux/fcntl.h",
            "linux/stat.h",
            "linux/openat2.h",
            "linux/falloc.h",
            "linux/fs.h",
            "linux/mount.h",
            "linux/xattr.h",
            "linux/eventpoll.h",
            "linux/io_uring.h",
            "linux/prctl.h",
            "linux/resource.h",
            "linux/utsname.h",
            "linux/uio.h",
            "linux/fuse.h",
            "asm/poll.h",
            "asm/socket.h",
            "asm/statfs.h",
            "asm/unistd.h");
    private static final List<String> LIBC = List.of(
            "dirent.h",
            "signal.h",
            "sched.h",
            "spawn.h",
            "unistd.h",
            "sys/mman.h",
            "sys/mount.h",
            "sys/socket.h",
            "sys/wait.h");

    @TempDir
    Path dir;

    private final Map<String, Long> expected = new LinkedHashMap<>();

    private void is(String c, long java) {
        expected.put(c, java);
    }

    /// All constants of a class whose names begin with one of `prefixes`, as C has them.
    private void constants(Class<?> type, UnaryOperator<String> toC, String... prefixes) throws Exception {
        for (Field field : type.getDeclaredFields()) {
            boolean wanted = Modifier.isStatic(field.getModifiers()) && field.getType() == int.class;
            if (wanted && (prefixes.length == 0 || List.of(prefixes).stream().anyMatch(field.getName()::startsWith))) {
                is(toC.apply(field.getName()), field.getInt(null));
            }
        }
    }

    private void offset(String struct, String member, int java) {
        is("offsetof(struct " + struct + ", " + member + ")", java);
    }

    private void size(String struct, int java) {
        is("sizeof(struct " + struct + ")", java);
    }

    @Test
    void systemCallNumbers() throws Exception {
        constants(Syscalls.class, name -> "__NR_" + name.toLowerCase(Locale.ROOT));
        compare(KERNEL);
    }

    @Test
    void kernelConstants() throws Exception {
        String[] fcntl = {"O_", "AT_", "RENAME_", "RESOLVE_", "SEEK_", "FALLOC_", "XATTR_", "F_DUP", "F_G", "F_S", "FD_"
        };
        constants(Fcntl.class, UnaryOperator.identity(), fcntl);
        constants(Epoll.class, UnaryOperator.identity(), "EPOLL");
        constants(
                Poll.class, UnaryOperator.identity(), "POLLIN", "POLLPRI", "POLLOUT", "POLLERR", "POLLHUP", "POLLNVAL");
        constants(Socket.class, UnaryOperator.identity(), "SO_");
        constants(Sys.class, UnaryOperator.identity(), "RLIMIT_", "PR_");
        constants(Mounts.class, UnaryOperator.identity(), "MS_");
        constants(FsContext.class, UnaryOperator.identity(), "MOUNT_ATTR_");
        is("SOL_SOCKET", 1);
        is("XATTR_SIZE_MAX", Xattr.MAX);
        is("XATTR_LIST_MAX", Xattr.MAX);
        is("FSOPEN_CLOEXEC", 1);
        is("FSMOUNT_CLOEXEC", 1);
        is("MOVE_MOUNT_F_EMPTY_PATH", 4);
        is("FUSE_DEV_IOC_CLONE", FuseDev.CLONE);
        is("FUSE_DEV_IOC_BACKING_OPEN", FuseDev.BACKING_OPEN);
        is("FUSE_DEV_IOC_BACKING_CLOSE", FuseDev.BACKING_CLOSE);
        is("FUSE_DEV_IOC_SYNC_INIT", FuseDev.SYNC_INIT);
        compare(KERNEL);
    }

    @Test
    void libcConstants() throws Exception {
        constants(Mounts.class, UnaryOperator.identity(), "MNT_", "UMOUNT_");
        constants(Socket.class, UnaryOperator.identity(), "SOCK_");
        constants(Fcntl.class, UnaryOperator.identity(), "R_OK", "W_OK", "X_OK", "F_OK", "SHUT_");
        is("MSG_NOSIGNAL", 0x4000);
        is("MSG_CMSG_CLOEXEC", 0x40000000);
        is("SCM_RIGHTS", 1);
        is("P_PIDFD", 3);
        is("WEXITED", 4);
        is("CLD_EXITED", 1);
        is("MAP_ANONYMOUS", 0x20);
        is("MAP_POPULATE", 0x8000);
        is("POSIX_SPAWN_SETPGROUP", 0x02);
        is("POSIX_SPAWN_SETSIGDEF", 0x04);
        is("POSIX_SPAWN_SETSIGMASK", 0x08);
        is("POSIX_SPAWN_SETSID", 0x80);
        is("sizeof(posix_spawnattr_t) <= 512 && sizeof(posix_spawn_file_actions_t) <= 256", 1);
        is("sizeof(sigset_t)", 128);
        compare(LIBC);
    }

    @Test
    void fileStructs() throws Exception {
        statx();
        size("statfs", StatFsRec.SIZE);
        offset("statfs", "f_bsize", StatFsRec.BSIZE);
        offset("statfs", "f_blocks", StatFsRec.BLOCKS);
        offset("statfs", "f_bfree", StatFsRec.BFREE);
        offset("statfs", "f_bavail", StatFsRec.BAVAIL);
        offset("statfs", "f_files", StatFsRec.FILES);
        offset("statfs", "f_ffree", StatFsRec.FFREE);
        offset("statfs", "f_namelen", StatFsRec.NAMELEN);
        offset("statfs", "f_frsize", StatFsRec.FRSIZE);
        size("open_how", 24);
        offset("open_how", "resolve", 16);
        size("epoll_event", Epoll.EVENT_SIZE);
        offset("epoll_event", "data", Epoll.EVENT_DATA);
        size("pollfd", 8);
        offset("pollfd", "revents", 6);
        size("iovec", 16);
        size("new_utsname", 6 * 65);
        compare(KERNEL);
    }

    private void statx() {
        size("statx", Stat.SIZE);
        offset("statx", "stx_mask", Stat.MASK);
        offset("statx", "stx_blksize", Stat.BLKSIZE);
        offset("statx", "stx_nlink", Stat.NLINK);
        offset("statx", "stx_uid", Stat.UID);
        offset("statx", "stx_gid", Stat.GID);
        offset("statx", "stx_mode", Stat.MODE);
        offset("statx", "stx_ino", Stat.INO);
        offset("statx", "stx_size", Stat.FILE_SIZE);
        offset("statx", "stx_blocks", Stat.BLOCKS);
        offset("statx", "stx_atime", Stat.ATIME);
        offset("statx", "stx_btime", Stat.BTIME);
        offset("statx", "stx_ctime", Stat.CTIME);
        offset("statx", "stx_mtime", Stat.MTIME);
        offset("statx", "stx_rdev_major", Stat.RDEV_MAJOR);
        offset("statx", "stx_rdev_minor", Stat.RDEV_MINOR);
        offset("statx", "stx_dev_major", Stat.DEV_MAJOR);
        offset("statx", "stx_dev_minor", Stat.DEV_MINOR);
        offset("statx", "stx_mnt_id", Stat.MNT_ID);
        offset("statx_timestamp", "tv_nsec", 8);
        is("STATX_BASIC_STATS", Stat.STATX_BASIC_STATS);
        is("STATX_BTIME", Stat.STATX_BTIME);
        is("STATX_MNT_ID", Stat.STATX_MNT_ID);
    }

    @Test
    void libcStructs() throws Exception {
        offset("dirent64", "d_off", 8);
        offset("dirent64", "d_reclen", 16);
        offset("dirent64", "d_type", 18);
        offset("dirent64", "d_name", 19);
        size("msghdr", 56);
        offset("msghdr", "msg_iov", 16);
        offset("msghdr", "msg_iovlen", 24);
        offset("msghdr", "msg_control", 32);
        offset("msghdr", "msg_controllen", 40);
        offset("cmsghdr", "cmsg_level", 8);
        offset("cmsghdr", "cmsg_type", 12);
        is("CMSG_LEN(4)", 20);
        is("CMSG_SPACE(4)", 24);
        is("offsetof(siginfo_t, si_code)", PidFd.SI_CODE);
        is("offsetof(siginfo_t, si_pid)", PidFd.SI_PID);
        is("offsetof(siginfo_t, si_status)", PidFd.SI_STATUS);
        is("sizeof(siginfo_t)", 128);
        compare(LIBC);
    }

    @Test
    void ringStructs() throws Exception {
        size("io_uring_params", UringRec.PARAMS_SIZE);
        offset("io_uring_params", "sq_entries", UringRec.PARAMS_SQ_ENTRIES);
        offset("io_uring_params", "cq_entries", UringRec.PARAMS_CQ_ENTRIES);
        offset("io_uring_params", "flags", UringRec.PARAMS_FLAGS);
        offset("io_uring_params", "features", UringRec.PARAMS_FEATURES);
        offset("io_uring_params", "sq_off", UringRec.PARAMS_SQ_OFF);
        offset("io_uring_params", "cq_off", UringRec.PARAMS_CQ_OFF);
        for (String offsets : List.of("io_sqring_offsets", "io_cqring_offsets")) {
            offset(offsets, "head", UringRec.OFF_HEAD);
            offset(offsets, "tail", UringRec.OFF_TAIL);
            offset(offsets, "ring_mask", UringRec.OFF_RING_MASK);
        }
        offset("io_sqring_offsets", "array", UringRec.SQ_OFF_ARRAY);
        offset("io_cqring_offsets", "overflow", UringRec.CQ_OFF_OVERFLOW);
        offset("io_cqring_offsets", "cqes", UringRec.CQ_OFF_CQES);
        submissions();
        size("io_uring_cqe", UringRec.CQE_SIZE);
        offset("io_uring_cqe", "user_data", UringRec.CQE_USER_DATA);
        offset("io_uring_cqe", "res", UringRec.CQE_RES);
        offset("io_uring_cqe", "flags", UringRec.CQE_FLAGS);
        size("io_uring_getevents_arg", UringRec.GETEVENTS_SIZE);
        offset("io_uring_getevents_arg", "ts", UringRec.GETEVENTS_TS);
        size("io_uring_rsrc_update", 16);
        offset("io_uring_rsrc_update", "data", UringRec.RSRC_UPDATE_DATA);
        constants(Uring.class, name -> "IORING_" + name, "SETUP_", "CQE_F");
        constants(
                UringRec.class,
                name -> "IORING_" + name,
                "OP_",
                "SETUP_",
                "FEAT_",
                "ENTER_",
                "REGISTER_",
                "UNREGISTER_",
                "POLL_");
        is("IOSQE_FIXED_FILE", UringRec.IOSQE_FIXED_FILE);
        is("IORING_OFF_SQ_RING", UringRec.MMAP_RINGS);
        is("IORING_OFF_SQES", UringRec.MMAP_SQES);
        compare(KERNEL);
    }

    private void submissions() {
        offset("io_uring_sqe", "opcode", UringRec.SQE_OPCODE);
        offset("io_uring_sqe", "flags", UringRec.SQE_FLAGS);
        offset("io_uring_sqe", "fd", UringRec.SQE_FD);
        offset("io_uring_sqe", "cmd_op", UringRec.SQE_CMD_OP);
        offset("io_uring_sqe", "addr", UringRec.SQE_ADDR);
        offset("io_uring_sqe", "len", UringRec.SQE_LEN);
        offset("io_uring_sqe", "poll32_events", UringRec.SQE_POLL_EVENTS);
        offset("io_uring_sqe", "user_data", UringRec.SQE_USER_DATA);
        offset("io_uring_sqe", "cmd", UringRec.SQE_CMD);
    }

    private void compare(List<String> headers) throws IOException, InterruptedException {
        String[] lines = runC(headers).split("\n", -1);
        assertThat(lines).hasSize(expected.size() + 1);
        int line = 0;
        int unknown = 0;
        for (var entry : expected.entrySet()) {
            String value = lines[line++];
            if (value.equals("-")) {
                unknown++;
            } else {
                // the low half: C has some as unsigned
                assertThat((int) Long.parseLong(value)).as(entry.getKey()).isEqualTo((int) (long) entry.getValue());
            }
        }
        assertThat(unknown).isLessThanOrEqualTo(expected.size() / 2);
    }

    private String runC(List<String> headers) throws IOException, InterruptedException {
        var source = new StringBuilder("#define _GNU_SOURCE\n#include <stdio.h>\n#include <stddef.h>\n");
        headers.forEach(header -> source.append("#include <").append(header).append(">\n"));
        source.append("int main(void) {\n");
        for (String c : expected.keySet()) {
            String print = "printf(\"%lld\\n\", (long long)(" + c + "));\n";
            boolean macro = c.matches("\\w+")
                    && !c.startsWith("IORING_OP")
                    && !c.contains("REGISTER_")
                    && !c.equals("SCM_RIGHTS")
                    && !c.startsWith("P_")
                    && !c.startsWith("MSG_");
            source.append(macro ? "#ifdef " + c + "\n" + print + "#else\nputs(\"-\");\n#endif\n" : print);
        }
        Path file = Files.writeString(dir.resolve("layout.c"), source.append("return 0;\n}\n"));
        Path program = dir.resolve("layout");
        run(List.of("cc", "-o", program.toString(), file.toString()));
        return run(List.of(program.toString()));
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        Path output = dir.resolve("output");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            return abort("there is no C compiler: " + e.getMessage());
        }
        assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(output);
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }
}
