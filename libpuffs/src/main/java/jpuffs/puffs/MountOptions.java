// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a file system is mounted and served. Immutable:
/// `MountOptions.defaults().withFsname("disk.img").withReadOnly(true)`.
public final class MountOptions implements Cloneable {
    /// When FUSE over io_uring is used: a thread-safe file system gets a ring, a loop and a pinned thread per CPU.
    public enum IoUring {
        /// Never.
        OFF,
        /// If the file system is thread-safe and the kernel offers it.
        AUTO,
        /// Always; the mount fails if it cannot be.
        ON
    }

    private static final MountOptions DEFAULTS = new MountOptions();

    private String fsname = "jpuffs";
    private String type = "";
    private boolean readOnly;
    private boolean allowOther;
    private boolean defaultPermissions = true;
    private boolean noSuid = true;
    private boolean noDev = true;
    private boolean noExec;
    private boolean noAtime;
    private boolean sync;
    private Duration attrTtl = Duration.ofSeconds(1);
    private Duration entryTtl = Duration.ofSeconds(1);
    private Duration negativeTtl = Duration.ZERO;
    private int maxWrite = 1 << 20;
    private int maxRead;
    private boolean writeback;
    private boolean autoCache = true;
    private boolean kernelCache;
    private boolean directIo;
    private boolean autoUnmount;
    private boolean xattr = true;
    private boolean dump;
    private IoUring ioUring = IoUring.AUTO;
    private int uid = -1;
    private int gid = -1;
    private int umask = -1;
    private @Nullable OperationHook hook;
    private @Nullable String cuse;
    private boolean unrestricted;

    private MountOptions() {}

    /// What a mount without options has: as documented with each option.
    public static MountOptions defaults() {
        return DEFAULTS;
    }

    private MountOptions copy() {
        try {
            return (MountOptions) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /// The source that mount(8) shows. Default: `jpuffs`.
    public MountOptions withFsname(String fsname) {
        var c = copy();
        c.fsname = fsname;
        return c;
    }

    /// The type of file system, shown by mount(8) as `fuse.puffs|TYPE`. Default: none, `fuse.puffs`.
    public MountOptions withType(String type) {
        var c = copy();
        c.type = type;
        return c;
    }

    /// Default: false.
    public MountOptions withReadOnly(boolean readOnly) {
        var c = copy();
        c.readOnly = readOnly;
        return c;
    }

    /// Whether other users than the one who mounts may use it. Default: false.
    public MountOptions withAllowOther(boolean allowOther) {
        var c = copy();
        c.allowOther = allowOther;
        return c;
    }

    /// Whether the kernel checks permissions by owner, group and mode; else only the server can. Default: true.
    public MountOptions withDefaultPermissions(boolean defaultPermissions) {
        var c = copy();
        c.defaultPermissions = defaultPermissions;
        return c;
    }

    /// Whether set-id bits are without effect. Default: true; only root can turn it off.
    public MountOptions withNoSuid(boolean noSuid) {
        var c = copy();
        c.noSuid = noSuid;
        return c;
    }

    /// Whether device files are without effect. Default: true; only root can turn it off.
    public MountOptions withNoDev(boolean noDev) {
        var c = copy();
        c.noDev = noDev;
        return c;
    }

    /// Whether nothing may be executed. Default: false.
    public MountOptions withNoExec(boolean noExec) {
        var c = copy();
        c.noExec = noExec;
        return c;
    }

    /// Default: false.
    public MountOptions withNoAtime(boolean noAtime) {
        var c = copy();
        c.noAtime = noAtime;
        return c;
    }

    /// Whether every write is synchronous. Default: false.
    public MountOptions withSync(boolean sync) {
        var c = copy();
        c.sync = sync;
        return c;
    }

    /// How long the kernel believes attributes. Default: 1 s.
    public MountOptions withAttrTtl(Duration attrTtl) {
        var c = copy();
        c.attrTtl = attrTtl;
        return c;
    }

    /// How long the kernel believes that a name is there. Default: 1 s.
    public MountOptions withEntryTtl(Duration entryTtl) {
        var c = copy();
        c.entryTtl = entryTtl;
        return c;
    }

    /// How long the kernel believes that a name is not there. Default: 0, it always asks.
    public MountOptions withNegativeTtl(Duration negativeTtl) {
        var c = copy();
        c.negativeTtl = negativeTtl;
        return c;
    }

    /// The largest write request in bytes, a multiple of 4,096 up to 1 MiB; others are rounded to one. Default: 1
    /// MiB.
    public MountOptions withMaxWrite(int maxWrite) {
        var c = copy();
        c.maxWrite = Math.clamp(maxWrite & -4096, 4096, 1 << 20);
        return c;
    }

    /// The largest read request in bytes; 0, the default, for no limit but that of `maxWrite`.
    public MountOptions withMaxRead(int maxRead) {
        var c = copy();
        c.maxRead = maxRead;
        return c;
    }

    /// Whether the kernel gathers writes in its page cache, and keeps size and mtime of the file meanwhile. Right
    /// where nobody else changes the files. Default: false. Not together with passing I/O to a backing file.
    public MountOptions withWriteback(boolean writeback) {
        var c = copy();
        c.writeback = writeback;
        return c;
    }

    /// Whether cached pages are dropped when mtime or size are seen to have changed. Default: true.
    public MountOptions withAutoCache(boolean autoCache) {
        var c = copy();
        c.autoCache = autoCache;
        return c;
    }

    /// Whether cached pages are kept from one open to the next whatever the handle says. Default: false.
    public MountOptions withKernelCache(boolean kernelCache) {
        var c = copy();
        c.kernelCache = kernelCache;
        return c;
    }

    /// Whether nothing is cached, whatever the handle says. Default: false.
    public MountOptions withDirectIo(boolean directIo) {
        var c = copy();
        c.directIo = directIo;
        return c;
    }

    /// Whether the mount goes when the server dies, instead of answering ENOTCONN until umount. Ordinary users
    /// only: it is fusermount3 that stays to do it. Default: false.
    public MountOptions withAutoUnmount(boolean autoUnmount) {
        var c = copy();
        c.autoUnmount = autoUnmount;
        return c;
    }

    /// Whether there are extended attributes, if the file system has them. Without them many programs are faster:
    /// `ls -l` asks for one or two of each file, and the kernel for one with each chown and first write. Default:
    /// true.
    public MountOptions withXattr(boolean xattr) {
        var c = copy();
        c.xattr = xattr;
        return c;
    }

    /// Whether each request and its answer are logged. Default: false.
    public MountOptions withDump(boolean dump) {
        var c = copy();
        c.dump = dump;
        return c;
    }

    /// Default: [IoUring#AUTO].
    public MountOptions withIoUring(IoUring ioUring) {
        var c = copy();
        c.ioUring = ioUring;
        return c;
    }

    /// The owner all files are shown to have; -1, the default, for their own.
    public MountOptions withUid(int uid) {
        var c = copy();
        c.uid = uid;
        return c;
    }

    /// The group all files are shown to have; -1, the default, for their own.
    public MountOptions withGid(int gid) {
        var c = copy();
        c.gid = gid;
        return c;
    }

    /// The permission bits taken from 0777 to give those all files are shown to have; -1, the default, for their
    /// own.
    public MountOptions withUmask(int umask) {
        var c = copy();
        c.umask = umask;
        return c;
    }

    /// Called before and after each operation. Default: none.
    public MountOptions withHook(OperationHook hook) {
        var c = copy();
        c.hook = hook;
        return c;
    }

    public String fsname() {
        return fsname;
    }

    /// `puffs` or `puffs|TYPE`.
    public String subtype() {
        return type.isEmpty() ? "puffs" : "puffs|" + type;
    }

    public boolean readOnly() {
        return readOnly;
    }

    public boolean allowOther() {
        return allowOther;
    }

    public boolean defaultPermissions() {
        return defaultPermissions;
    }

    public boolean noSuid() {
        return noSuid;
    }

    public boolean noDev() {
        return noDev;
    }

    public boolean noExec() {
        return noExec;
    }

    public boolean noAtime() {
        return noAtime;
    }

    public boolean sync() {
        return sync;
    }

    public Duration attrTtl() {
        return attrTtl;
    }

    public Duration entryTtl() {
        return entryTtl;
    }

    public Duration negativeTtl() {
        return negativeTtl;
    }

    public int maxWrite() {
        return maxWrite;
    }

    public int maxRead() {
        return maxRead;
    }

    public boolean writeback() {
        return writeback;
    }

    public boolean autoCache() {
        return autoCache;
    }

    public boolean kernelCache() {
        return kernelCache;
    }

    public boolean directIo() {
        return directIo;
    }

    public boolean autoUnmount() {
        return autoUnmount;
    }

    public boolean xattr() {
        return xattr;
    }

    public boolean dump() {
        return dump;
    }

    public IoUring ioUring() {
        return ioUring;
    }

    public int uid() {
        return uid;
    }

    public int gid() {
        return gid;
    }

    public int umask() {
        return umask;
    }

    /// The name of a character device, for [FileServer#serve] on a descriptor of `/dev/cuse`: the root of the file
    /// system is the device. Default: none.
    ///
    /// @param unrestricted have ioctl(2) come with [jpuffs.core.IoctlMemory]
    public MountOptions withCuse(String name, boolean unrestricted) {
        var c = copy();
        c.cuse = name;
        c.unrestricted = unrestricted;
        return c;
    }

    boolean isUnrestricted() {
        return unrestricted;
    }

    @Nullable
    String cuse() {
        return cuse;
    }

    @Nullable
    OperationHook hook() {
        return hook;
    }
}
