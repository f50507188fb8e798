// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// A POSIX access control list (POSIX.1e draft 17, acl(5)) as the extended attributes [#ACCESS] and [#DEFAULT] hold
/// it. Immutable and always well-formed.
///
/// Format (`include/uapi/linux/posix_acl_xattr.h`), little-endian: version u32 = 2, then for each entry tag u16,
/// permissions u16, id u32 (-1 where the tag needs none). Rules: `fs/posix_acl.c`.
public final class Acl {
    /// The attribute with the list that is checked.
    public static final Name ACCESS = Name.of("system.posix_acl_access");

    /// The attribute of a directory with the list that new files in it start with.
    public static final Name DEFAULT = Name.of("system.posix_acl_default");

    public static final int USER_OBJ = 0x01;
    public static final int USER = 0x02;
    public static final int GROUP_OBJ = 0x04;
    public static final int GROUP = 0x08;
    public static final int MASK = 0x10;
    public static final int OTHER = 0x20;

    private static final int VERSION = 2;
    private static final int HEADER_SIZE = 4;
    private static final int ENTRY_SIZE = 8;
    private static final int RWX = 7;

    private final List<Entry> entries;

    private Acl(List<Entry> entries) {
        this.entries = entries;
    }

    /// Whether `attribute` is [#ACCESS] or [#DEFAULT].
    public static boolean isName(Name attribute) {
        return attribute.equals(ACCESS) || attribute.equals(DEFAULT);
    }

    /// One entry: what the user, the group or the class named by `tag` may do.
    ///
    /// @param permissions a set of [Access#READ], [Access#WRITE], [Access#EXECUTE]
    /// @param id the user of a [#USER], the group of a [#GROUP], else -1
    public record Entry(int tag, int permissions, int id) {
        private Entry with(int newPermissions) {
            return new Entry(tag, newPermissions, id);
        }
    }

    /// A new file's mode, and the list it gets.
    ///
    /// @param mode type and permissions
    /// @param acl the file's own [#ACCESS] list; says no more than `mode` if [#isMode()]
    public record Created(int mode, Acl acl) {}

    /// What becomes of a file one of whose lists is set.
    ///
    /// @param kept whether the attribute is kept; else it is removed, since it is empty or says no more than
    ///     the mode
    /// @param mode type and permissions of the file
    public record Change(boolean kept, int mode) {}

    /// What setting the attribute `name`, [#ACCESS] or [#DEFAULT], of a file of that mode and group does. Setgid
    /// goes where the caller is neither in the group nor privileged, as with chmod(2).
    ///
    /// @throws ErrnoException EINVAL, EOPNOTSUPP as [#parse]; EACCES for the [#DEFAULT] list of what is no
    ///     directory
    public static Change change(Name name, byte[] value, int mode, int gid, Cred cred) throws ErrnoException {
        boolean access = name.equals(ACCESS);
        if (!access && !Mode.isDirectory(mode)) {
            throw EACCES.error();
        }
        if (isEmpty(value)) {
            return new Change(false, mode);
        }
        Acl acl = parse(value);
        if (!access) {
            return new Change(true, mode);
        }
        boolean keepSgid = cred.isPrivileged() || cred.inGroup(gid);
        return new Change(!acl.isMode(), acl.applyTo(mode) & (keepSgid ? -1 : ~Mode.S_ISGID));
    }

    /// A list of these entries, in the order of their tags.
    ///
    /// @throws ErrnoException EINVAL if it is not well-formed
    public static Acl of(Entry... entries) throws ErrnoException {
        return checked(List.of(entries));
    }

    /// Reads the value of an attribute.
    ///
    /// @throws ErrnoException EINVAL if it is not well-formed, EOPNOTSUPP for another version
    public static Acl parse(byte[] value) throws ErrnoException {
        if (value.length < HEADER_SIZE || (value.length - HEADER_SIZE) % ENTRY_SIZE != 0) {
            throw EINVAL.error();
        }
        ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt() != VERSION) {
            throw EOPNOTSUPP.error();
        }
        var entries = new ArrayList<Entry>();
        while (in.hasRemaining()) {
            entries.add(new Entry(in.getShort() & 0xffff, in.getShort() & 0xffff, in.getInt()));
        }
        return checked(entries);
    }

    /// Whether the value of an attribute is a list without entries, which stands for none.
    public static boolean isEmpty(byte[] value) {
        return value.length <= HEADER_SIZE;
    }

    private static Acl checked(List<Entry> entries) throws ErrnoException {
        int last = 0;
        boolean needsMask = false;
        int seen = 0;
        for (Entry e : entries) {
            boolean repeats = e.tag == USER || e.tag == GROUP;
            boolean known = Integer.bitCount(e.tag) == 1 && e.tag <= OTHER;
            if (!known || e.tag < last || e.tag == last && !repeats || (e.permissions & ~RWX) != 0) {
                throw EINVAL.error();
            }
            last = e.tag;
            seen |= e.tag;
            needsMask |= repeats;
        }
        int required = USER_OBJ | GROUP_OBJ | OTHER | (needsMask ? MASK : 0);
        if ((seen & required) != required) {
            throw EINVAL.error();
        }
        return new Acl(List.copyOf(entries));
    }

    /// The value of an attribute.
    public byte[] toBytes() {
        ByteBuffer out =
                ByteBuffer.allocate(HEADER_SIZE + ENTRY_SIZE * entries.size()).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(VERSION);
        for (Entry e : entries) {
            out.putShort((short) e.tag).putShort((short) e.permissions).putInt(e.id);
        }
        return out.array();
    }

    public List<Entry> entries() {
        return entries;
    }

    /// Whether permission bits say all that this list says.
    public boolean isMode() {
        return entries.size() == 3;
    }

    /// `mode` with the permission bits this list stands for: the bits of the group are the mask, if there is one.
    public int applyTo(int mode) {
        int bits = permissions(USER_OBJ) << 6 | permissions(groupTag()) << 3 | permissions(OTHER);
        return mode & ~0777 | bits;
    }

    /// This list after a chmod to `mode`.
    public Acl withMode(int mode) {
        int group = groupTag();
        return map(e -> {
            if (e.tag == USER_OBJ) {
                return e.with(mode >> 6 & RWX);
            }
            if (e.tag == group) {
                return e.with(mode >> 3 & RWX);
            }
            return e.tag == OTHER ? e.with(mode & RWX) : e;
        });
    }

    /// What a file gets that is made with `mode`, no umask applied, in a directory with this [#DEFAULT] list.
    public Created create(int mode) {
        Acl acl = withMode(applyTo(mode) & mode);
        return new Created(acl.applyTo(mode), acl);
    }

    /// Whether `cred` has the access `mask` to a file with the attributes `attr` and this [#ACCESS] list. The
    /// super-user's privileges are those of [Access#allowed].
    public boolean allows(Attr attr, int mask, Cred cred) {
        boolean byMode = cred.isPrivileged() || cred.uid() == attr.uid() || (attr.mode() & RWX << 3) == 0;
        return byMode ? Access.allowed(attr, mask, cred) : allowsOthers(attr, mask, cred);
    }

    private boolean allowsOthers(Attr attr, int mask, Cred cred) {
        int most = has(MASK) ? permissions(MASK) : RWX;
        boolean found = false;
        for (Entry e : entries) {
            switch (e.tag) {
                case USER -> {
                    if (e.id == cred.uid()) {
                        return (e.permissions & most & mask) == mask;
                    }
                }
                case GROUP_OBJ, GROUP -> {
                    if (cred.inGroup(e.tag == GROUP ? e.id : attr.gid())) {
                        found = true;
                        if ((e.permissions & mask) == mask) {
                            return (most & mask) == mask;
                        }
                    }
                }
                default -> {}
            }
        }
        return !found && (permissions(OTHER) & mask) == mask;
    }

    private int groupTag() {
        return has(MASK) ? MASK : GROUP_OBJ;
    }

    private boolean has(int tag) {
        return entries.stream().anyMatch(e -> e.tag == tag);
    }

    private int permissions(int tag) {
        return entries.stream()
                .filter(e -> e.tag == tag)
                .mapToInt(Entry::permissions)
                .sum();
    }

    private Acl map(UnaryOperator<Entry> change) {
        return new Acl(entries.stream().map(change).toList());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Acl acl && entries.equals(acl.entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return entries.toString();
    }
}
