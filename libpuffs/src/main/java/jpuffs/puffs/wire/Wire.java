// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs.wire;

/// Offsets, sizes and numbers of the FUSE protocol 7.45 (`include/uapi/linux/fuse.h`), native byte order. A class
/// for each structure, named like it; reply structures of one field are written in place.
public final class Wire {
    public static final int MAJOR = 7;
    public static final int MINOR = 45;

    /// Older kernels (before 5.4) are refused.
    public static final int MIN_MINOR = 31;

    public static final long ROOT_ID = 1;

    /// The smallest buffer a server may read into (FUSE_MIN_READ_BUFFER).
    public static final int MIN_READ_BUFFER = 8192;

    private Wire() {}

    /// Flags of INIT, the bits of `flags` and `flags2` together.
    public static final class Init {
        public static final long ASYNC_READ = 1;
        public static final long POSIX_LOCKS = 1 << 1;
        public static final long ATOMIC_O_TRUNC = 1 << 3;
        public static final long EXPORT_SUPPORT = 1 << 4;
        public static final long BIG_WRITES = 1 << 5;
        public static final long DONT_MASK = 1 << 6;
        public static final long FLOCK_LOCKS = 1 << 10;
        public static final long HAS_IOCTL_DIR = 1 << 11;
        public static final long AUTO_INVAL_DATA = 1 << 12;
        public static final long DO_READDIRPLUS = 1 << 13;
        public static final long READDIRPLUS_AUTO = 1 << 14;
        public static final long ASYNC_DIO = 1 << 15;
        public static final long WRITEBACK_CACHE = 1 << 16;
        public static final long PARALLEL_DIROPS = 1 << 18;
        public static final long POSIX_ACL = 1 << 20;
        public static final long ABORT_ERROR = 1 << 21;
        public static final long MAX_PAGES = 1 << 22;
        public static final long CACHE_SYMLINKS = 1 << 23;
        public static final long NO_OPENDIR_SUPPORT = 1 << 24;
        public static final long EXPLICIT_INVAL_DATA = 1 << 25;
        public static final long HANDLE_KILLPRIV_V2 = 1 << 28;
        public static final long SETXATTR_EXT = 1 << 29;
        public static final long INIT_EXT = 1 << 30;
        public static final long HAS_EXPIRE_ONLY = 1L << 35;
        public static final long DIRECT_IO_ALLOW_MMAP = 1L << 36;
        public static final long PASSTHROUGH = 1L << 37;
        public static final long HAS_RESEND = 1L << 39;
        public static final long OVER_IO_URING = 1L << 41;

        private Init() {}
    }

    /// fuse_in_header
    public static final class InHeader {
        public static final int SIZE = 40;
        public static final int LEN = 0;
        public static final int OPCODE = 4;
        public static final int UNIQUE = 8;
        public static final int NODEID = 16;
        public static final int UID = 24;
        public static final int GID = 28;
        public static final int PID = 32;
        public static final int TOTAL_EXTLEN = 36;

        private InHeader() {}
    }

    /// fuse_out_header
    public static final class OutHeader {
        public static final int SIZE = 16;
        public static final int LEN = 0;
        public static final int ERROR = 4;
        public static final int UNIQUE = 8;

        private OutHeader() {}
    }

    /// fuse_init_in
    public static final class InitIn {
        public static final int MAJOR = 0;
        public static final int MINOR = 4;
        public static final int MAX_READAHEAD = 8;
        public static final int FLAGS = 12;
        public static final int FLAGS2 = 16;
        public static final int SIZE_WITH_FLAGS2 = 20;

        /// Since 7.36; before, 16 bytes.
        public static final int FULL_SIZE = 64;

        private InitIn() {}
    }

    /// fuse_init_out
    public static final class InitOut {
        public static final int SIZE = 64;
        public static final int MAJOR = 0;
        public static final int MINOR = 4;
        public static final int MAX_READAHEAD = 8;
        public static final int FLAGS = 12;
        public static final int MAX_BACKGROUND = 16;
        public static final int CONGESTION_THRESHOLD = 18;
        public static final int MAX_WRITE = 20;
        public static final int TIME_GRAN = 24;
        public static final int MAX_PAGES = 28;
        public static final int FLAGS2 = 32;
        public static final int MAX_STACK_DEPTH = 36;

        private InitOut() {}
    }

    /// fuse_attr
    public static final class AttrRec {
        public static final int SIZE = 88;
        public static final int INO = 0;
        public static final int FILE_SIZE = 8;
        public static final int BLOCKS = 16;
        public static final int ATIME = 24;
        public static final int MTIME = 32;
        public static final int CTIME = 40;
        public static final int ATIMENSEC = 48;
        public static final int MTIMENSEC = 52;
        public static final int CTIMENSEC = 56;
        public static final int MODE = 60;
        public static final int NLINK = 64;
        public static final int UID = 68;
        public static final int GID = 72;
        public static final int RDEV = 76;
        public static final int BLKSIZE = 80;
        public static final int FLAGS = 84;

        private AttrRec() {}
    }

    /// fuse_entry_out
    public static final class EntryOut {
        public static final int SIZE = 128;
        public static final int NODEID = 0;
        public static final int GENERATION = 8;
        public static final int ENTRY_VALID = 16;
        public static final int ATTR_VALID = 24;
        public static final int ENTRY_VALID_NSEC = 32;
        public static final int ATTR_VALID_NSEC = 36;
        public static final int ATTR = 40;

        private EntryOut() {}
    }

    /// fuse_attr_out
    public static final class AttrOut {
        public static final int SIZE = 104;
        public static final int ATTR_VALID = 0;
        public static final int ATTR_VALID_NSEC = 8;
        public static final int ATTR = 16;

        private AttrOut() {}
    }

    /// fuse_statx_out with its fuse_statx at offset 32
    public static final class StatxOut {
        public static final int SIZE = 288;
        public static final int ATTR_VALID = 0;
        public static final int ATTR_VALID_NSEC = 8;
        public static final int MASK = 32;
        public static final int BLKSIZE = 36;
        public static final int NLINK = 48;
        public static final int UID = 52;
        public static final int GID = 56;
        public static final int MODE = 60;
        public static final int INO = 64;
        public static final int FILE_SIZE = 72;
        public static final int BLOCKS = 80;
        public static final int ATIME = 96;
        public static final int BTIME = 112;
        public static final int CTIME = 128;
        public static final int MTIME = 144;
        public static final int RDEV_MAJOR = 160;
        public static final int RDEV_MINOR = 164;

        /// STATX_BASIC_STATS
        public static final int BASIC = 0x7ff;

        /// STATX_BTIME
        public static final int BTIME_KNOWN = 0x800;

        private StatxOut() {}
    }

    /// fuse_getattr_in; fuse_statx_in begins the same
    public static final class GetattrIn {
        public static final int FLAGS = 0;
        public static final int FH = 8;
        public static final int FLAG_FH = 1;

        private GetattrIn() {}
    }

    /// fuse_setattr_in
    public static final class SetattrIn {
        public static final int VALID = 0;
        public static final int FH = 8;
        public static final int FILE_SIZE = 16;
        public static final int ATIME = 32;
        public static final int MTIME = 40;
        public static final int CTIME = 48;
        public static final int ATIMENSEC = 56;
        public static final int MTIMENSEC = 60;
        public static final int CTIMENSEC = 64;
        public static final int MODE = 68;
        public static final int UID = 76;
        public static final int GID = 80;

        public static final int VALID_MODE = 1;
        public static final int VALID_UID = 1 << 1;
        public static final int VALID_GID = 1 << 2;
        public static final int VALID_SIZE = 1 << 3;
        public static final int VALID_ATIME = 1 << 4;
        public static final int VALID_MTIME = 1 << 5;
        public static final int VALID_FH = 1 << 6;
        public static final int VALID_ATIME_NOW = 1 << 7;
        public static final int VALID_MTIME_NOW = 1 << 8;
        public static final int VALID_CTIME = 1 << 10;
        public static final int VALID_KILL_SUIDGID = 1 << 11;

        private SetattrIn() {}
    }

    /// fuse_mknod_in
    public static final class MknodIn {
        public static final int MODE = 0;
        public static final int RDEV = 4;
        public static final int UMASK = 8;

        private MknodIn() {}
    }

    /// fuse_mkdir_in
    public static final class MkdirIn {
        public static final int MODE = 0;
        public static final int UMASK = 4;

        private MkdirIn() {}
    }

    /// fuse_rename_in and fuse_rename2_in
    public static final class RenameIn {
        public static final int NEWDIR = 0;
        public static final int FLAGS = 8;

        private RenameIn() {}
    }

    /// fuse_open_in
    public static final class OpenIn {
        public static final int FLAGS = 0;
        public static final int OPEN_FLAGS = 4;
        public static final int KILL_SUIDGID = 1;

        private OpenIn() {}
    }

    /// fuse_create_in, also of TMPFILE
    public static final class CreateIn {
        public static final int FLAGS = 0;
        public static final int MODE = 4;
        public static final int UMASK = 8;

        private CreateIn() {}
    }

    /// fuse_open_out
    public static final class OpenOut {
        public static final int SIZE = 16;
        public static final int FH = 0;
        public static final int OPEN_FLAGS = 8;
        public static final int BACKING_ID = 12;

        public static final int DIRECT_IO = 1;
        public static final int KEEP_CACHE = 1 << 1;
        public static final int NONSEEKABLE = 1 << 2;
        public static final int CACHE_DIR = 1 << 3;
        public static final int STREAM = 1 << 4;
        public static final int NOFLUSH = 1 << 5;
        public static final int PARALLEL_DIRECT_WRITES = 1 << 6;
        public static final int PASSTHROUGH = 1 << 7;

        private OpenOut() {}
    }

    /// fuse_read_in and fuse_write_in
    public static final class IoIn {
        public static final int FH = 0;
        public static final int OFFSET = 8;
        public static final int LENGTH = 16;
        public static final int WRITE_FLAGS = 20;
        public static final int WRITE_KILL_SUIDGID = 4;
        public static final int FILE_FLAGS = 32;

        private IoIn() {}
    }

    /// cuse_init_out. Major and minor number of the device are left to the kernel.
    public static final class CuseInitOut {
        public static final int MAJOR = 0;
        public static final int MINOR = 4;
        public static final int FLAGS = 12;
        public static final int MAX_READ = 16;
        public static final int MAX_WRITE = 20;
        public static final int SIZE = 72;
        public static final int UNRESTRICTED_IOCTL = 1;

        private CuseInitOut() {}
    }

    /// fuse_release_in
    public static final class ReleaseIn {
        public static final int FH = 0;
        public static final int RELEASE_FLAGS = 12;
        public static final int LOCK_OWNER = 16;
        public static final int FLOCK_UNLOCK = 2;

        private ReleaseIn() {}
    }

    /// fuse_flush_in
    public static final class FlushIn {
        public static final int FH = 0;
        public static final int LOCK_OWNER = 16;

        private FlushIn() {}
    }

    /// fuse_fsync_in
    public static final class FsyncIn {
        public static final int FH = 0;
        public static final int FLAGS = 8;
        public static final int FDATASYNC = 1;

        private FsyncIn() {}
    }

    /// fuse_setxattr_in; 8 bytes long without FUSE_SETXATTR_EXT
    public static final class SetxattrIn {
        public static final int COMPAT_SIZE = 8;
        public static final int EXT_SIZE = 16;
        public static final int LENGTH = 0;
        public static final int FLAGS = 4;
        public static final int SETXATTR_FLAGS = 8;
        public static final int ACL_KILL_SGID = 1;

        private SetxattrIn() {}
    }

    /// fuse_lk_in
    public static final class LkIn {
        public static final int FH = 0;
        public static final int OWNER = 8;
        public static final int START = 16;
        public static final int END = 24;
        public static final int TYPE = 32;
        public static final int PID = 36;
        public static final int FLAGS = 40;
        public static final int FLOCK = 1;

        private LkIn() {}
    }

    /// fuse_file_lock, the reply of GETLK
    public static final class FileLock {
        public static final int SIZE = 24;
        public static final int START = 0;
        public static final int END = 8;
        public static final int TYPE = 16;
        public static final int PID = 20;

        private FileLock() {}
    }

    /// fuse_kstatfs
    public static final class Kstatfs {
        public static final int SIZE = 80;
        public static final int BLOCKS = 0;
        public static final int BFREE = 8;
        public static final int BAVAIL = 16;
        public static final int FILES = 24;
        public static final int FFREE = 32;
        public static final int BSIZE = 40;
        public static final int NAMELEN = 44;
        public static final int FRSIZE = 48;

        private Kstatfs() {}
    }

    /// fuse_ioctl_in
    public static final class IoctlIn {
        public static final int FH = 0;
        public static final int FLAGS = 8;
        public static final int COMMAND = 12;
        public static final int ARGUMENT = 16;
        public static final int IN_SIZE = 24;
        public static final int OUT_SIZE = 28;
        public static final int COMPAT = 1;
        public static final int UNRESTRICTED = 2;

        private IoctlIn() {}
    }

    /// fuse_ioctl_out
    public static final class IoctlOut {
        public static final int SIZE = 16;
        public static final int RESULT = 0;
        public static final int FLAGS = 4;
        public static final int IN_IOVS = 8;
        public static final int OUT_IOVS = 12;
        public static final int RETRY = 4;

        private IoctlOut() {}
    }

    /// fuse_ioctl_iovec
    public static final class IoctlIovec {
        public static final int SIZE = 16;
        public static final int BASE = 0;
        public static final int LENGTH = 8;

        private IoctlIovec() {}
    }

    /// fuse_poll_in
    public static final class PollIn {
        public static final int FH = 0;
        public static final int KH = 8;
        public static final int FLAGS = 16;
        public static final int EVENTS = 20;
        public static final int SCHEDULE_NOTIFY = 1;

        private PollIn() {}
    }

    /// fuse_fallocate_in
    public static final class FallocateIn {
        public static final int FH = 0;
        public static final int OFFSET = 8;
        public static final int LENGTH = 16;
        public static final int MODE = 24;

        private FallocateIn() {}
    }

    /// fuse_lseek_in
    public static final class LseekIn {
        public static final int FH = 0;
        public static final int OFFSET = 8;
        public static final int WHENCE = 16;

        private LseekIn() {}
    }

    /// fuse_copy_file_range_in
    public static final class CopyIn {
        public static final int FH_IN = 0;
        public static final int OFF_IN = 8;
        public static final int NODEID_OUT = 16;
        public static final int FH_OUT = 24;
        public static final int OFF_OUT = 32;
        public static final int LEN = 40;
        public static final int FLAGS = 48;

        private CopyIn() {}
    }

    /// fuse_forget_one, an element of BATCH_FORGET
    public static final class ForgetOne {
        public static final int SIZE = 16;
        public static final int NODEID = 0;
        public static final int NLOOKUP = 8;

        private ForgetOne() {}
    }

    /// fuse_dirent, and fuse_direntplus which has a fuse_entry_out before it
    public static final class Dirent {
        public static final int SIZE = 24;
        public static final int INO = 0;
        public static final int OFF = 8;
        public static final int NAMELEN = 16;
        public static final int TYPE = 20;

        private Dirent() {}

        /// The size of an entry with a name of `length` bytes: padded to 8 bytes (FUSE_DIRENT_ALIGN).
        public static int padded(int length) {
            return SIZE + length + 7 & ~7;
        }
    }

    /// Codes of notifications (enum fuse_notify_code) and the layouts of their structures.
    public static final class Notify {
        public static final int POLL = 1;
        public static final int INVAL_INODE = 2;
        public static final int INVAL_ENTRY = 3;
        public static final int STORE = 4;
        public static final int RETRIEVE = 5;
        public static final int DELETE = 6;
        public static final int RESEND = 7;
        public static final int INC_EPOCH = 8;
        public static final int PRUNE = 9;

        /// Flag of INVAL_ENTRY: let it expire, but do not unhash it (FUSE_EXPIRE_ONLY)
        public static final int EXPIRE_ONLY = 1;

        private Notify() {}
    }

    /// fuse_notify_retrieve_in, the arguments of NOTIFY_REPLY
    public static final class RetrieveIn {
        public static final int SIZE = 40;
        public static final int OFFSET = 8;
        public static final int LENGTH = 16;

        private RetrieveIn() {}
    }

    /// fuse_uring_req_header
    public static final class RingHeader {
        public static final int SIZE = 288;
        public static final int IN_OUT = 0;
        public static final int OP_IN = 128;
        public static final int COMMIT_ID = 264;
        public static final int PAYLOAD_SIZE = 272;

        private RingHeader() {}
    }
}
