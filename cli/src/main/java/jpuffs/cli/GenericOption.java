// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static jpuffs.cli.GenericOption.Effect.CLEAR;
import static jpuffs.cli.GenericOption.Effect.IGNORED;
import static jpuffs.cli.GenericOption.Effect.REFUSED;
import static jpuffs.cli.GenericOption.Effect.SET;
import static jpuffs.cli.GenericOption.Effect.SETTING;
import static jpuffs.sys.Mounts.MS_DIRSYNC;
import static jpuffs.sys.Mounts.MS_LAZYTIME;
import static jpuffs.sys.Mounts.MS_NOATIME;
import static jpuffs.sys.Mounts.MS_NODEV;
import static jpuffs.sys.Mounts.MS_NODIRATIME;
import static jpuffs.sys.Mounts.MS_NOEXEC;
import static jpuffs.sys.Mounts.MS_NOSUID;
import static jpuffs.sys.Mounts.MS_NOSYMFOLLOW;
import static jpuffs.sys.Mounts.MS_RDONLY;
import static jpuffs.sys.Mounts.MS_RELATIME;
import static jpuffs.sys.Mounts.MS_STRICTATIME;
import static jpuffs.sys.Mounts.MS_SYNCHRONOUS;

import org.jspecify.annotations.Nullable;

/// The mount options every type of file server has: those of mount(8), of FUSE, and of puffs itself.
///
/// One row each: name, value, effect and the line for the help. [MountSettings] applies them.
enum GenericOption {
    RO("ro", SET, MS_RDONLY, "without or with writing; default: rw"),
    RW("rw", CLEAR, MS_RDONLY, Help.OPPOSITE),
    NOSUID("nosuid", SET, MS_NOSUID, "without or with set-user-ID bits; default: nosuid, suid is for root"),
    SUID("suid", CLEAR, MS_NOSUID, Help.OPPOSITE),
    NODEV("nodev", SET, MS_NODEV, "without or with device nodes; default: nodev, dev is for root"),
    DEV("dev", CLEAR, MS_NODEV, Help.OPPOSITE),
    NOEXEC("noexec", SET, MS_NOEXEC, "without or with executing programs; default: exec"),
    EXEC("exec", CLEAR, MS_NOEXEC, Help.OPPOSITE),
    SYNC("sync", SET, MS_SYNCHRONOUS, "with or without an fsync after each write; default: async"),
    ASYNC("async", CLEAR, MS_SYNCHRONOUS, Help.OPPOSITE),
    DIRSYNC("dirsync", SET, MS_DIRSYNC, "for mount(8); FUSE changes directories at once anyhow"),
    NOATIME("noatime", SET, MS_NOATIME, "for file servers that keep access times: not to"),
    ATIME("atime", CLEAR, MS_NOATIME, Help.OPPOSITE),
    NODIRATIME("nodiratime", SET, MS_NODIRATIME, "for mount(8); the kernel leaves access times to file servers"),
    DIRATIME("diratime", CLEAR, MS_NODIRATIME, Help.OPPOSITE),
    RELATIME("relatime", SET, MS_RELATIME, "likewise"),
    NORELATIME("norelatime", CLEAR, MS_RELATIME, Help.OPPOSITE),
    STRICTATIME("strictatime", SET, MS_STRICTATIME, "likewise"),
    NOSTRICTATIME("nostrictatime", CLEAR, MS_STRICTATIME, Help.OPPOSITE),
    LAZYTIME("lazytime", SET, MS_LAZYTIME, "likewise"),
    NOLAZYTIME("nolazytime", CLEAR, MS_LAZYTIME, Help.OPPOSITE),
    NOSYMFOLLOW("nosymfollow", SET, MS_NOSYMFOLLOW, "without or with following symbolic links; default: symfollow"),
    SYMFOLLOW("symfollow", CLEAR, MS_NOSYMFOLLOW, Help.OPPOSITE),
    REMOUNT("remount", SETTING, "changes the options above of what is mounted on DIR"),

    ALLOW_OTHER("allow_other", SETTING, "all users have access, or only who mounts; default: root shares"),
    NOALLOW_OTHER("noallow_other", SETTING, Help.OPPOSITE),
    DEFAULT_PERMISSIONS("default_permissions", SETTING, "the kernel checks modes and owners (default), or the server"),
    NODEFAULT_PERMISSIONS("nodefault_permissions", SETTING, Help.OPPOSITE),
    UID("uid", "N", "all files belong to this user"),
    GID("gid", "N", "all files belong to this group"),
    UMASK("umask", "OCTAL", "all files have permissions 0777 without these"),
    FSNAME("fsname", "NAME", "the source that mount(8) and df(1) show"),
    SUBTYPE("subtype", "NAME", "what they show behind fuse.puffs| in place of the type"),
    AUTO_UNMOUNT("auto_unmount", SETTING, "unmounts when the server dies, and then shows what was beneath"),

    ENTRY_TIMEOUT("entry_timeout", "SECONDS", "how long the kernel relies on a name it has looked up"),
    NEGATIVE_TIMEOUT("negative_timeout", "SECONDS", "how long it relies on a name not being there"),
    ATTR_TIMEOUT("attr_timeout", "SECONDS", "how long it relies on sizes, modes and times"),
    KERNEL_CACHE("kernel_cache", SETTING, "file data stays cached from one open to the next"),
    AUTO_CACHE("auto_cache", SETTING, "it does if size and modification time are the same"),
    DIRECT_IO("direct_io", SETTING, "file data is not cached"),
    WRITEBACK_CACHE("writeback_cache", SETTING, "what is written stays in the page cache for a while, or does not"),
    NOWRITEBACK_CACHE("nowriteback_cache", SETTING, Help.OPPOSITE),
    MAX_READ("max_read", "BYTES", "the longest read request"),
    MAX_WRITE("max_write", "BYTES", "the longest write request"),
    IO_URING("io_uring", SETTING, "requests by io_uring or by /dev/fuse; default: as is best"),
    NO_IO_URING("no_io_uring", SETTING, Help.OPPOSITE),
    XATTR("xattr", SETTING, "with or without extended attributes; default: xattr; without, ls -l is faster"),
    NOXATTR("noxattr", SETTING, Help.OPPOSITE),
    DUMP("dump", SETTING, "logs each operation"),

    USER("user", SETTING, "for mount(8), and noexec,nosuid,nodev"),
    USERS("users", SETTING, "for mount(8), and noexec,nosuid,nodev"),
    OWNER("owner", SETTING, "for mount(8), and nosuid,nodev"),
    GROUP("group", SETTING, "for mount(8), and nosuid,nodev"),

    DEFAULTS("defaults", IGNORED),
    AUTO("auto", IGNORED),
    NOAUTO("noauto", IGNORED),
    NOFAIL("nofail", IGNORED),
    NETDEV("_netdev", IGNORED),
    NOUSER("nouser", IGNORED),
    NOUSERS("nousers", IGNORED),
    NOOWNER("noowner", IGNORED),
    NOGROUP("nogroup", IGNORED),
    COMMENT("comment", IGNORED),
    SILENT("silent", IGNORED),
    LOUD("loud", IGNORED),
    NOMAND("nomand", IGNORED),
    NOFORGET("noforget", IGNORED),
    REMEMBER("remember", IGNORED),
    AC_ATTR_TIMEOUT("ac_attr_timeout", IGNORED),

    SLOPPY("sloppy", IGNORED),

    ALLOW_ROOT("allow_root", REFUSED, "allow_other lets root in, among all others"),
    FD("fd", REFUSED, "puffs sets it itself"),
    ROOTMODE("rootmode", REFUSED, "puffs sets it itself"),
    USER_ID("user_id", REFUSED, "puffs sets it itself"),
    GROUP_ID("group_id", REFUSED, "puffs sets it itself"),
    BLKSIZE("blksize", REFUSED, "only a file server on a block device has it");

    private static final GenericOption[] ALL = values();
    private static final long ATIMES = MS_NOATIME | MS_RELATIME | MS_STRICTATIME;

    private final String optionName;
    private final @Nullable String param;
    private final Effect effect;
    private final long flag;
    private final String help;

    GenericOption(String optionName, Effect effect, long flag, String help) {
        this.optionName = optionName;
        this.param = null;
        this.effect = effect;
        this.flag = flag;
        this.help = help;
    }

    GenericOption(String optionName, Effect ignored) {
        this(optionName, ignored, 0, "");
    }

    GenericOption(String optionName, Effect effect, String help) {
        this(optionName, effect, 0, help);
    }

    GenericOption(String optionName, String param, String help) {
        this.optionName = optionName;
        this.param = param;
        this.effect = SETTING;
        this.flag = 0;
        this.help = help;
    }

    /// The option called `name`, null if there is none. Whatever begins with `x-` or `X-` is a comment.
    static @Nullable GenericOption of(String name) {
        if (name.startsWith("x-") || name.startsWith("X-")) {
            return COMMENT;
        }
        for (GenericOption option : ALL) {
            if (option.optionName.equals(name)) {
                return option;
            }
        }
        return null;
    }

    /// What is written in `-o`.
    String optionName() {
        return optionName;
    }

    /// What the value is, for the help; null if the option takes none.
    @Nullable
    String param() {
        return param;
    }

    Effect effect() {
        return effect;
    }

    /// The flags of mount(2) after this option. Of the three ways to keep access times one replaces the other.
    long apply(long flags) {
        return switch (effect) {
            case SET -> flags & ~((flag & ATIMES) == 0 ? 0 : ATIMES) | flag;
            case CLEAR -> flags & ~flag;
            case SETTING, IGNORED, REFUSED -> flags;
        };
    }

    /// One line for the help, or why it is refused; [Help#OPPOSITE] if the row before tells, empty if there is
    /// nothing to tell.
    String help() {
        return help;
    }

    /// What an option does.
    enum Effect {
        /// Sets a flag of mount(2).
        SET,
        /// Clears a flag of mount(2).
        CLEAR,
        /// Has a case in [MountSettings].
        SETTING,
        /// Is accepted, and does nothing here.
        IGNORED,
        /// Is known, and cannot be had: the help says why.
        REFUSED
    }

    /// What can stand for a line of help.
    static final class Help {
        /// The option is the opposite of the one before it.
        static final String OPPOSITE = "the opposite";

        private Help() {}
    }
}
