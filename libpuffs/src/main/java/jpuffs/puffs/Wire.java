// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

/// Offsets, sizes and numbers of the FUSE protocol 7.45 (`include/uapi/linux/fuse.h`), native byte order. A class
/// for each structure, named like it; reply structures of one field are written in place.
final class Wire {
    static final int MAJOR = 7;
    static final int MINOR = 45;

    /// Older kernels (before 5.4) are refused.
    static final int MIN_MINOR = 31;

    static final long ROOT_ID = 1;

    /// The smallest buffer a server may read into (FUSE_MIN_READ_BUFFER).
    static final int MIN_READ_BUFFER = 8192;

    private Wire() {}

    /// Flags of INIT, the bits of `flags` and `flags2` together.
    static final class Init {
        static final long ASYNC_READ = 1;
        static final long POSIX_LOCKS = 1 << 1;
        static final long ATOMIC_O_TRUNC = 1 << 3;
        static final long EXPORT_SUPPORT = 1 << 4;
        static final long BIG_WRITES = 1 << 5;
        static final long DONT_MASK = 1 << 6;
        static final long FLOCK_LOCKS = 1 << 10;
        static final long HAS_IOCTL_DIR = 1 << 11;
        static final long AUTO_INVAL_DATA = 1 << 12;
        static final long DO_READDIRPLUS = 1 << 13;
        static final long READDIRPLUS_AUTO = 1 << 14;
        static final long ASYNC_DIO = 1 << 15;
        static final long WRITEBACK_CACHE = 1 << 16;
        static final long PARALLEL_DIROPS = 1 << 18;
        static final long POSIX_ACL = 1 << 20;
        static final long ABORT_ERROR = 1 << 21;
        static final long MAX_PAGES = 1 << 22;
        static final long CACHE_SYMLINKS = 1 << 23;
        static final long NO_OPENDIR_SUPPORT = 1 << 24;
        static final long EXPLICIT_INVAL_DATA = 1 << 25;
        static final long HANDLE_KILLPRIV_V2 = 1 << 28;
        static final long SETXATTR_EXT = 1 << 29;
        static final long INIT_EXT = 1 << 30;
        static final long HAS_EXPIRE_ONLY = 1L << 35;
        static final long DIRECT_IO_ALLOW_MMAP = 1L << 36;
        static final long PASSTHROUGH = 1L << 37;
        static final long HAS_RESEND = 1L << 39;
        static final long OVER_IO_URING = 1L << 41;

        private Init() {}
    }

    /// fuse_in_header
    static final class InHeader {
        static final int SIZE = 40;
        static final int LEN = 0;
        static final int OPCODE = 4;
        static final int UNIQUE = 8;
        static final int NODEID = 16;
        static final int UID = 24;
        static final int GID = 28;
        static final int PID = 32;
        static final int TOTAL_EXTLEN = 36;

        private InHeader() {}
    }

    /// fuse_out_header
    static final class OutHeader {
        static final int SIZE = 16;
        static final int LEN = 0;
        static final int ERROR = 4;
        static final int UNIQUE = 8;

        private OutHeader() {}
    }

    /// fuse_init_in
    static final class InitIn {
        static final int MAJOR = 0;
        static final int MINOR = 4;
        static final int MAX_READAHEAD = 8;
        static final int FLAGS = 12;
        static final int FLAGS2 = 16;
        static final int SIZE_WITH_FLAGS2 = 20;

        /// Since 7.36; before, 16 bytes.
        static final int FULL_SIZE = 64;

        private InitIn() {}
    }

    /// fuse_init_out
    static final class InitOut {
        static final int SIZE = 64;
        static final int MAJOR = 0;
        static final int MINOR = 4;
        static final int MAX_READAHEAD = 8;
        static final int FLAGS = 12;
        static final int MAX_BACKGROUND = 16;
        static final int CONGESTION_THRESHOLD = 18;
        static final int MAX_WRITE = 20;
        static final int TIME_GRAN = 24;
        static final int MAX_PAGES = 28;
        static final int FLAGS2 = 32;
        static final int MAX_STACK_DEPTH = 36;

        private InitOut() {}
    }

    /// fuse_attr
    static final class AttrRec {
        static final int SIZE = 88;
        static final int INO = 0;
        static final int FILE_SIZE = 8;
        static final int BLOCKS = 16;
        static final int ATIME = 24;
        static final int MTIME = 32;
        static final int CTIME = 40;
        static final int ATIMENSEC = 48;
        static final int MTIMENSEC = 52;
        static final int CTIMENSEC = 56;
        static final int MODE = 60;
        static final int NLINK = 64;
        static final int UID = 68;
        static final int GID = 72;
        static final int RDEV = 76;
        static final int BLKSIZE = 80;
        static final int FLAGS = 84;

        private AttrRec() {}
    }

    /// fuse_entry_out
    static final class EntryOut {
        static final int SIZE = 128;
        static final int NODEID = 0;
        static final int GENERATION = 8;
        static final int ENTRY_VALID = 16;
        static final int ATTR_VALID = 24;
        static final int ENTRY_VALID_NSEC = 32;
        static final int ATTR_VALID_NSEC = 36;
        static final int ATTR = 40;

        private EntryOut() {}
    }

    /// fuse_attr_out
    static final class AttrOut {
        static final int SIZE = 104;
        static final int ATTR_VALID = 0;
        static final int ATTR_VALID_NSEC = 8;
        static final int ATTR = 16;

        private AttrOut() {}
    }

    /// fuse_statx_out with its fuse_statx at offset 32
    static final class StatxOut {
        static final int SIZE = 288;
        static final int ATTR_VALID = 0;
        static final int ATTR_VALID_NSEC = 8;
        static final int MASK = 32;
        static final int BLKSIZE = 36;
        static final int NLINK = 48;
        static final int UID = 52;
        static final int GID = 56;
        static final int MODE = 60;
        static final int INO = 64;
        static final int FILE_SIZE = 72;
        static final int BLOCKS = 80;
        static final int ATIME = 96;
        static final int BTIME = 112;
        static final int CTIME = 128;
        static final int MTIME = 144;
        static final int RDEV_MAJOR = 160;
        static final int RDEV_MINOR = 164;

        /// STATX_BASIC_STATS
        static final int BASIC = 0x7ff;

        /// STATX_BTIME
        static final int BTIME_KNOWN = 0x800;

        private StatxOut() {}
    }

    /// fuse_getattr_in; fuse_statx_in begins the same
    static final class GetattrIn {
        static final int FLAGS = 0;
        static final int FH = 8;
        static final int FLAG_FH = 1;

        private GetattrIn() {}
    }

    /// fuse_setattr_in
    static final class SetattrIn {
        static final int VALID = 0;
        static final int FH = 8;
        static final int FILE_SIZE = 16;
        static final int ATIME = 32;
        static final int MTIME = 40;
        static final int CTIME = 48;
        static final int ATIMENSEC = 56;
        static final int MTIMENSEC = 60;
        static final int CTIMENSEC = 64;
        static final int MODE = 68;
        static final int UID = 76;
        static final int GID = 80;

        static final int VALID_MODE = 1;
        static final int VALID_UID = 1 << 1;
        static final int VALID_GID = 1 << 2;
        static final int VALID_SIZE = 1 << 3;
        static final int VALID_ATIME = 1 << 4;
        static final int VALID_MTIME = 1 << 5;
        static final int VALID_FH = 1 << 6;
        static final int VALID_ATIME_NOW = 1 << 7;
        static final int VALID_MTIME_NOW = 1 << 8;
        static final int VALID_CTIME = 1 << 10;
        static final int VALID_KILL_SUIDGID = 1 << 11;

        private SetattrIn() {}
    }

    /// fuse_mknod_in
    static final class MknodIn {
        static final int MODE = 0;
        static final int RDEV = 4;
        static final int UMASK = 8;

        private MknodIn() {}
    }

    /// fuse_mkdir_in
    static final class MkdirIn {
        static final int MODE = 0;
        static final int UMASK = 4;

        private MkdirIn() {}
    }

    /// fuse_rename_in and fuse_rename2_in
    static final class RenameIn {
        static final int NEWDIR = 0;
        static final int FLAGS = 8;

        private RenameIn() {}
    }

    /// fuse_open_in
    static final class OpenIn {
        static final int FLAGS = 0;
        static final int OPEN_FLAGS = 4;
        static final int KILL_SUIDGID = 1;

        private OpenIn() {}
    }

    /// fuse_create_in, also of TMPFILE
    static final class CreateIn {
        static final int FLAGS = 0;
        static final int MODE = 4;
        static final int UMASK = 8;

        private CreateIn() {}
    }

    /// fuse_open_out
    static final class OpenOut {
        static final int SIZE = 16;
        static final int FH = 0;
        static final int OPEN_FLAGS = 8;
        static final int BACKING_ID = 12;

        static final int DIRECT_IO = 1;
        static final int KEEP_CACHE = 1 << 1;
        static final int NONSEEKABLE = 1 << 2;
        static final int CACHE_DIR = 1 << 3;
        static final int STREAM = 1 << 4;
        static final int NOFLUSH = 1 << 5;
        static final int PARALLEL_DIRECT_WRITES = 1 << 6;
        static final int PASSTHROUGH = 1 << 7;

        private OpenOut() {}
    }

    /// fuse_read_in and fuse_write_in
    static final class IoIn {
        static final int FH = 0;
        static final int OFFSET = 8;
        static final int LENGTH = 16;
        static final int WRITE_FLAGS = 20;
        static final int WRITE_KILL_SUIDGID = 4;
        static final int FILE_FLAGS = 32;

        private IoIn() {}
    }

    /// cuse_init_out. Major and minor number of the device are left to the kernel.
    static final class CuseInitOut {
        static final int MAJOR = 0;
        static final int MINOR = 4;
        static final int FLAGS = 12;
        static final int MAX_READ = 16;
        static final int MAX_WRITE = 20;
        static final int SIZE = 72;
        static final int UNRESTRICTED_IOCTL = 1;

        private CuseInitOut() {}
    }

    /// fuse_release_in
    static final class ReleaseIn {
        static final int FH = 0;
        static final int RELEASE_FLAGS = 12;
        static final int LOCK_OWNER = 16;
        static final int FLOCK_UNLOCK = 2;

        private ReleaseIn() {}
    }

    /// fuse_flush_in
    static final class FlushIn {
        static final int FH = 0;
        static final int LOCK_OWNER = 16;

        private FlushIn() {}
    }

    /// fuse_fsync_in
    static final class FsyncIn {
        static final int FH = 0;
        static final int FLAGS = 8;
        static final int FDATASYNC = 1;

        private FsyncIn() {}
    }

    /// fuse_setxattr_in; 8 bytes long without FUSE_SETXATTR_EXT
    static final class SetxattrIn {
        static final int COMPAT_SIZE = 8;
        static final int EXT_SIZE = 16;
        static final int LENGTH = 0;
        static final int FLAGS = 4;
        static final int SETXATTR_FLAGS = 8;
        static final int ACL_KILL_SGID = 1;

        private SetxattrIn() {}
    }

    /// fuse_lk_in
    static final class LkIn {
        static final int FH = 0;
        static final int OWNER = 8;
        static final int START = 16;
        static final int END = 24;
        static final int TYPE = 32;
        static final int PID = 36;
        static final int FLAGS = 40;
        static final int FLOCK = 1;

        private LkIn() {}
    }

    /// fuse_file_lock, the reply of GETLK
    static final class FileLock {
        static final int SIZE = 24;
        static final int START = 0;
        static final int END = 8;
        static final int TYPE = 16;
        static final int PID = 20;

        private FileLock() {}
    }

    /// fuse_kstatfs
    static final class Kstatfs {
        static final int SIZE = 80;
        static final int BLOCKS = 0;
        static final int BFREE = 8;
        static final int BAVAIL = 16;
        static final int FILES = 24;
        static final int FFREE = 32;
        static final int BSIZE = 40;
        static final int NAMELEN = 44;
        static final int FRSIZE = 48;

        private Kstatfs() {}
    }

    /// fuse_ioctl_in
    static final class IoctlIn {
        static final int FH = 0;
        static final int FLAGS = 8;
        static final int COMMAND = 12;
        static final int ARGUMENT = 16;
        static final int IN_SIZE = 24;
        static final int OUT_SIZE = 28;
        static final int COMPAT = 1;
        static final int UNRESTRICTED = 2;

        private IoctlIn() {}
    }

    /// fuse_ioctl_out
    static final class IoctlOut {
        static final int SIZE = 16;
        static final int RESULT = 0;
        static final int FLAGS = 4;
        static final int IN_IOVS = 8;
        static final int OUT_IOVS = 12;
        static final int RETRY = 4;

        private IoctlOut() {}
    }

    /// fuse_ioctl_iovec
    static final class IoctlIovec {
        static final int SIZE = 16;
        static final int BASE = 0;
        static final int LENGTH = 8;

        private IoctlIovec() {}
    }

    /// fuse_poll_in
    static final class PollIn {
        static final int FH = 0;
        static final int KH = 8;
        static final int FLAGS = 16;
        static final int EVENTS = 20;
        static final int SCHEDULE_NOTIFY = 1;

        private PollIn() {}
    }

    /// fuse_fallocate_in
    static final class FallocateIn {
        static final int FH = 0;
        static final int OFFSET = 8;
        static final int LENGTH = 16;
        static final int MODE = 24;

        private FallocateIn() {}
    }

    /// fuse_lseek_in
    static final class LseekIn {
        static final int FH = 0;
        static final int OFFSET = 8;
        static final int WHENCE = 16;

        private LseekIn() {}
    }

    /// fuse_copy_file_range_in
    static final class CopyIn {
        static final int FH_IN = 0;
        static final int OFF_IN = 8;
        static final int NODEID_OUT = 16;
        static final int FH_OUT = 24;
        static final int OFF_OUT = 32;
        static final int LEN = 40;
        static final int FLAGS = 48;

        private CopyIn() {}
    }

    /// fuse_forget_one, an element of BATCH_FORGET
    static final class ForgetOne {
        static final int SIZE = 16;
        static final int NODEID = 0;
        static final int NLOOKUP = 8;

        private ForgetOne() {}
    }

    /// fuse_dirent, and fuse_direntplus which has a fuse_entry_out before it
    static final class Dirent {
        static final int SIZE = 24;
        static final int INO = 0;
        static final int OFF = 8;
        static final int NAMELEN = 16;
        static final int TYPE = 20;

        private Dirent() {}

        /// The size of an entry with a name of `length` bytes: padded to 8 bytes (FUSE_DIRENT_ALIGN).
        static int padded(int length) {
            return SIZE + length + 7 & ~7;
        }
    }

    /// Codes of notifications (enum fuse_notify_code) and the layouts of their structures.
    static final class Notify {
        static final int POLL = 1;
        static final int INVAL_INODE = 2;
        static final int INVAL_ENTRY = 3;
        static final int STORE = 4;
        static final int RETRIEVE = 5;
        static final int DELETE = 6;
        static final int RESEND = 7;
        static final int INC_EPOCH = 8;
        static final int PRUNE = 9;

        /// Flag of INVAL_ENTRY: let it expire, but do not unhash it (FUSE_EXPIRE_ONLY)
        static final int EXPIRE_ONLY = 1;

        private Notify() {}
    }

    /// fuse_notify_retrieve_in, the arguments of NOTIFY_REPLY
    static final class RetrieveIn {
        static final int SIZE = 40;
        static final int OFFSET = 8;
        static final int LENGTH = 16;

        private RetrieveIn() {}
    }

    /// fuse_uring_req_header
    static final class RingHeader {
        static final int SIZE = 288;
        static final int IN_OUT = 0;
        static final int OP_IN = 128;
        static final int COMMIT_ID = 264;
        static final int PAYLOAD_SIZE = 272;

        private RingHeader() {}
    }
}
