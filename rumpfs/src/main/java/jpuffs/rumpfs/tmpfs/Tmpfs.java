// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Errno.EINVAL;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import jpuffs.core.Access;
import jpuffs.core.Acl;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Locks;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// A file system in memory. See the package for what lies where and for the rule of one thread at a time.
///
/// Its files stay when it is unmounted; they go with [#close].
public class Tmpfs implements FileSystem, AutoCloseable {
    private static final long ROOT_INO = 1;

    private final Supplier<Time> clock;
    private final boolean keepsLocks;
    private final long generation;
    private final Blocks blocks;
    private final Space space;
    private final Locks locks = new Locks();
    private final InodeTable inodes = new InodeTable();
    private final Directory root;
    private long lastIno = ROOT_INO;

    /// What a file system is made with. `DEFAULT.with("size", "64m").with("mode", "755")`.
    ///
    /// @param size the most bytes of data, 0 for no limit; default: half of the machine's memory
    /// @param inodes the most files, 0 for what fits into half of the heap; default: about that
    /// @param mode the permissions of the root; default: 1777
    /// @param uid the owner of the root; default: 0
    /// @param gid the group of the root; default: 0
    /// @param locks whether to keep advisory locks, which costs a request at each close; default: no,
    ///     the kernel keeps those of one mount
    public record Options(long size, long inodes, int mode, int uid, int gid, boolean locks) {
        public static final Options DEFAULT =
                new Options(OptionValues.memory() / 2, OptionValues.heapLimit() / 256, 01777, 0, 0, false);

        /// The same with one option as mount(8) has it after `-o`: `size` (bytes, with k, m, g or t, or a
        /// percentage of the machine's memory), `nr_inodes` (a count, with k or m), `mode` (octal), `uid`,
        /// `gid`; and `locks`, without value.
        ///
        /// @param value empty if there is none
        /// @throws IllegalArgumentException for an option that is not known or a value that is not
        ///     understood
        public Options with(String name, String value) {
            return switch (name) {
                case "size" -> new Options(OptionValues.size(value), inodes, mode, uid, gid, locks);
                case "nr_inodes" -> new Options(size, OptionValues.count(name, value), mode, uid, gid, locks);
                case "mode" -> new Options(size, inodes, OptionValues.mode(value), uid, gid, locks);
                case "uid" -> new Options(size, inodes, mode, OptionValues.id(name, value), gid, locks);
                case "gid" -> new Options(size, inodes, mode, uid, OptionValues.id(name, value), locks);
                case "locks" -> new Options(size, inodes, mode, uid, gid, true);
                default -> throw new IllegalArgumentException("tmpfs has no option " + name);
            };
        }
    }

    /// Where the bytes of files come from.
    protected interface Memory {
        /// A slab of zeros, for as long as `arena` is open. ENOMEM.
        MemorySegment allocate(long bytes, Arena arena) throws ErrnoException;
    }

    public Tmpfs(Options options) {
        this(options, Time::now);
    }

    /// A file system with a clock of its own.
    public Tmpfs(Options options, Supplier<Time> clock) {
        this(options, clock, (size, arena) -> arena.allocate(size, Blocks.SIZE));
    }

    /// A file system whose data lie in memory of a special kind.
    @SuppressWarnings("this-escape") // to the root, which keeps it and does no more
    protected Tmpfs(Options options, Supplier<Time> clock, Memory memory) {
        this.clock = clock;
        this.keepsLocks = options.locks;
        this.blocks = new Blocks(unlimitedIfZero(options.size) >>> Blocks.SHIFT, memory);
        this.space = new Space(unlimitedIfZero(options.inodes), OptionValues.heapLimit());
        Time now = now();
        this.generation = now.seconds() & 0xffffffffL; // handles of an earlier life are stale
        Attr attr =
                Attr.directory(options.mode).withOwner(options.uid, options.gid).withTimes(now);
        this.root = new Directory(this, ROOT_INO, attr, null);
        inodes.add(root);
    }

    private static long unlimitedIfZero(long limit) {
        return limit == 0 ? Long.MAX_VALUE : limit;
    }

    @Override
    public Node root() {
        return root;
    }

    @Override
    public StatFs statfs() {
        long free = blocks.free();
        long freeInodes = space.maxInodes() - space.inodes();
        return new StatFs(Blocks.SIZE, blocks.limit(), free, free, space.maxInodes(), freeInodes, Name.MAX);
    }

    @Override
    public @Nullable Node byIno(long ino) {
        Inode inode = inodes.get(ino);
        return inode == null ? null : inode.answered();
    }

    @Override
    public boolean isExportable() {
        return true;
    }

    @Override
    public boolean isPrivate() {
        return true;
    }

    @Override
    public boolean keepsLocks() {
        return keepsLocks;
    }

    @Override
    public boolean keepsAcls() {
        return true;
    }

    /// Gives the memory of all files back. The file system may not be used any more.
    @Override
    public void close() {
        blocks.close();
    }

    // For inodes

    Time now() {
        return clock.get();
    }

    long generation() {
        return generation;
    }

    Blocks blocks() {
        return blocks;
    }

    Space space() {
        return space;
    }

    Locks locks() {
        return locks;
    }

    /// A new inode of any type but a symbolic link, without a name but counting one. ENOSPC, EINVAL.
    Inode make(Directory directory, int mode, int rdev, Cred cred) throws ErrnoException {
        int full = Mode.type(mode) == 0 ? Mode.S_IFREG | mode : mode;
        if (!Mode.isValidType(full) || Mode.isSymlink(full)) {
            throw EINVAL.error();
        }
        Attr attr = Access.created(directory.getattr(), full, cred, now());
        return add(directory, inode(directory, attr, rdev));
    }

    private Inode inode(Directory directory, Attr attr, int rdev) {
        long ino = ++lastIno;
        return switch (Mode.type(attr.mode())) {
            case Mode.S_IFREG -> new RegularFile(this, ino, attr);
            case Mode.S_IFDIR -> new Directory(this, ino, attr, directory);
            default -> new SpecialFile(this, ino, attr, Mode.isDevice(attr.mode()) ? rdev : 0);
        };
    }

    /// A new regular file without a name. ENOSPC.
    Inode makeUnnamed(Directory directory, int mode, Cred cred) throws ErrnoException {
        int full = Mode.S_IFREG | mode & Mode.PERMISSIONS;
        Attr attr = Access.created(directory.getattr(), full, cred, now()).withNlink(0);
        return add(directory, new RegularFile(this, ++lastIno, attr));
    }

    /// A new symbolic link, without a name but counting one. ENOSPC.
    Inode makeSymlink(Directory directory, byte[] target, Cred cred) throws ErrnoException {
        Attr attr = Access.created(directory.getattr(), Mode.S_IFLNK | 0777, cred, now());
        space.charge(target.length);
        try {
            return add(directory, new SymbolicLink(this, ++lastIno, attr, target));
        } catch (ErrnoException e) {
            space.refund(target.length);
            throw e;
        }
    }

    private Inode add(Directory directory, Inode inode) throws ErrnoException {
        space.addInode();
        inodes.add(inode);
        Acl defaults = Mode.isSymlink(inode.mode()) ? null : directory.acl(Acl.DEFAULT);
        if (defaults != null) {
            try {
                inode.inherit(defaults);
            } catch (ErrnoException e) {
                inode.addLinks(-inode.nlink());
                inode.endIfUnused();
                throw e;
            }
        }
        return inode;
    }

    /// Takes an inode out; false if that was done before.
    boolean forget(Inode inode) {
        if (!inode.equals(inodes.get(inode.ino()))) {
            return false;
        }
        inodes.remove(inode);
        space.removeInode();
        return true;
    }
}
