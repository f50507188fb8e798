// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

/// System call numbers of this machine: x86-64 (`arch/x86/entry/syscalls/syscall_64.tbl`) or aarch64
/// (`include/uapi/asm-generic/unistd.h`). From 424 on the numbers are the same everywhere.
final class Syscalls {
    static final boolean X86_64 = isX86();

    static final int READ = nr(0, 63);
    static final int WRITE = nr(1, 64);
    static final int CLOSE = nr(3, 57);
    static final int LSEEK = nr(8, 62);
    static final int MMAP = nr(9, 222);
    static final int MUNMAP = nr(11, 215);
    static final int IOCTL = nr(16, 29);
    static final int PREAD64 = nr(17, 67);
    static final int PWRITE64 = nr(18, 68);
    static final int READV = nr(19, 65);
    static final int WRITEV = nr(20, 66);
    static final int MADVISE = nr(28, 233);
    static final int GETPID = nr(39, 172);
    static final int SOCKET = nr(41, 198);
    static final int CONNECT = nr(42, 203);
    static final int SENDTO = nr(44, 206);
    static final int SENDMSG = nr(46, 211);
    static final int RECVMSG = nr(47, 212);
    static final int SHUTDOWN = nr(48, 210);
    static final int BIND = nr(49, 200);
    static final int LISTEN = nr(50, 201);
    static final int GETSOCKNAME = nr(51, 204);
    static final int SOCKETPAIR = nr(53, 199);
    static final int SETSOCKOPT = nr(54, 208);
    static final int GETSOCKOPT = nr(55, 209);
    static final int WAIT4 = nr(61, 260);
    static final int KILL = nr(62, 129);
    static final int UNAME = nr(63, 160);
    static final int FCNTL = nr(72, 25);
    static final int FSYNC = nr(74, 82);
    static final int FDATASYNC = nr(75, 83);
    static final int TRUNCATE = nr(76, 45);
    static final int FTRUNCATE = nr(77, 46);
    static final int CHDIR = nr(80, 49);
    static final int UMASK = nr(95, 166);
    static final int GETUID = nr(102, 174);
    static final int GETGID = nr(104, 176);
    static final int GETEUID = nr(107, 175);
    static final int GETEGID = nr(108, 177);
    static final int GETPPID = nr(110, 173);
    static final int SETSID = nr(112, 157);
    static final int SETFSUID = nr(122, 151);
    static final int SETFSGID = nr(123, 152);
    static final int CAPGET = nr(125, 90);
    static final int CAPSET = nr(126, 91);
    static final int STATFS = nr(137, 43);
    static final int FSTATFS = nr(138, 44);
    static final int SETPRIORITY = nr(141, 140);
    static final int PRCTL = nr(157, 167);
    static final int SYNC = nr(162, 81);
    static final int MOUNT = nr(165, 40);
    static final int UMOUNT2 = nr(166, 39);
    static final int GETTID = nr(186, 178);
    static final int SETXATTR = nr(188, 5);
    static final int GETXATTR = nr(191, 8);
    static final int LISTXATTR = nr(194, 11);
    static final int REMOVEXATTR = nr(197, 14);
    static final int SCHED_SETAFFINITY = nr(203, 122);
    static final int GETDENTS64 = nr(217, 61);
    static final int FADVISE64 = nr(221, 223);
    static final int EPOLL_CTL = nr(233, 21);
    static final int WAITID = nr(247, 95);
    static final int OPENAT = nr(257, 56);
    static final int MKDIRAT = nr(258, 34);
    static final int MKNODAT = nr(259, 33);
    static final int FCHOWNAT = nr(260, 54);
    static final int UNLINKAT = nr(263, 35);
    static final int LINKAT = nr(265, 37);
    static final int SYMLINKAT = nr(266, 36);
    static final int READLINKAT = nr(267, 78);
    static final int FCHMODAT = nr(268, 53);
    static final int PPOLL = nr(271, 73);
    static final int SYNC_FILE_RANGE = nr(277, 84);
    static final int UTIMENSAT = nr(280, 88);
    static final int EPOLL_PWAIT = nr(281, 22);
    static final int TIMERFD_CREATE = nr(283, 85);
    static final int FALLOCATE = nr(285, 47);
    static final int TIMERFD_SETTIME = nr(286, 86);
    static final int ACCEPT4 = nr(288, 242);
    static final int EVENTFD2 = nr(290, 19);
    static final int EPOLL_CREATE1 = nr(291, 20);
    static final int DUP3 = nr(292, 24);
    static final int PIPE2 = nr(293, 59);
    static final int PRLIMIT64 = nr(302, 261);
    static final int SYNCFS = nr(306, 267);
    static final int GETCPU = nr(309, 168);
    static final int RENAMEAT2 = nr(316, 276);
    static final int COPY_FILE_RANGE = nr(326, 285);
    static final int PREADV2 = nr(327, 286);
    static final int STATX = nr(332, 291);
    static final int PIDFD_SEND_SIGNAL = 424;
    static final int IO_URING_SETUP = 425;
    static final int IO_URING_ENTER = 426;
    static final int IO_URING_REGISTER = 427;
    static final int OPEN_TREE = 428;
    static final int MOVE_MOUNT = 429;
    static final int FSOPEN = 430;
    static final int FSCONFIG = 431;
    static final int FSMOUNT = 432;
    static final int PIDFD_OPEN = 434;
    static final int OPENAT2 = 437;
    static final int FACCESSAT2 = 439;
    static final int EPOLL_PWAIT2 = 441;
    static final int FCHMODAT2 = 452;
    static final int GETXATTRAT = 464;
    static final int LISTXATTRAT = 465;

    private Syscalls() {}

    private static int nr(int x86, int arm) {
        return X86_64 ? x86 : arm;
    }

    private static boolean isX86() {
        String os = System.getProperty("os.name");
        String arch = System.getProperty("os.arch");
        if ("Linux".equals(os) && "amd64".equals(arch)) {
            return true;
        }
        if ("Linux".equals(os) && "aarch64".equals(arch)) {
            return false;
        }
        throw new UnsupportedOperationException(
                "jpuffs.sys knows Linux on x86-64 and aarch64 only, this is " + os + " on " + arch);
    }
}
