// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.E2BIG;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.ERANGE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.Access;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.puffs.wire.Wire;
import jpuffs.puffs.wire.Wire.SetxattrIn;

/// Extended attributes.
final class XattrOps {
    /// XATTR_SIZE_MAX and XATTR_LIST_MAX of Linux
    private static final int MAX = 65_536;

    private static final int SIZE_REPLY = 8;

    private static final Name SELINUX = Name.of("security.selinux");

    private final Session session;

    XattrOps(Session session) {
        this.session = session;
    }

    /// The kernel asks no more for what was answered with ENOSYS once.
    private void checkOn() throws ErrnoException {
        if (!session.options.xattr()) {
            throw ENOSYS.error();
        }
    }

    void getxattr(Request r) throws IOException {
        checkOn();
        int room = r.argInt(0);
        Name name = attributeName(r);
        byte[] value = session.nodes.get(r.nodeid).node.getxattr(name);
        if (value == null) {
            r.error = (isOfAnotherSecurity(name) ? EOPNOTSUPP : ENODATA).number(); // not thrown: it is the common case
            return;
        }
        if (value.length > MAX) {
            throw Session.refuse("getxattr %s: %d bytes", name, value.length);
        }
        reply(r, value, room);
    }

    /// Whether nobody on this machine could use a label under this name. ls(1) asks for it file by file, until it
    /// is told that there is no such thing here.
    private static boolean isOfAnotherSecurity(Name name) {
        return name.equals(SELINUX) && !HasSelinux.HERE;
    }

    private static final class HasSelinux {
        static final boolean HERE = Files.exists(Path.of("/sys/fs/selinux"));
    }

    void listxattr(Request r) throws IOException {
        checkOn();
        int room = r.argInt(0);
        Cred cred = Caller.current().cred();
        List<Name> names = session.nodes.get(r.nodeid).node.listxattr().stream()
                .filter(name -> Access.mayList(name, cred))
                .toList();
        long total = 0;
        for (Name name : names) {
            if (name.length() == 0 || name.length() > Name.MAX) {
                throw Session.refuse("listxattr: a name of %d bytes", name.length());
            }
            total += name.length() + 1;
        }
        if (total > MAX) {
            throw E2BIG.error("listxattr: %d bytes of names", total);
        }
        var list = new byte[(int) total];
        int at = 0;
        for (Name name : names) {
            byte[] bytes = name.toBytes();
            System.arraycopy(bytes, 0, list, at, bytes.length);
            at += bytes.length + 1;
        }
        reply(r, list, room);
    }

    /// A value, or only its length if there is no room asked for.
    private static void reply(Request r, byte[] value, int room) throws ErrnoException {
        if (room == 0) {
            r.room(SIZE_REPLY).set(Request.LONG, 0, value.length);
            r.replyLength = SIZE_REPLY;
            return;
        }
        if (Integer.compareUnsigned(value.length, room) > 0) {
            throw ERANGE.error();
        }
        MemorySegment.copy(value, 0, r.room(value.length), ValueLayout.JAVA_BYTE, 0, value.length);
        r.replyLength = value.length;
    }

    void setxattr(Request r) throws IOException {
        checkOn();
        int size = r.argInt(SetxattrIn.LENGTH);
        int flags = r.argInt(SetxattrIn.FLAGS);
        boolean killSgid = extended() && (r.argInt(SetxattrIn.SETXATTR_FLAGS) & SetxattrIn.ACL_KILL_SGID) != 0;
        Name name = attributeName(r);
        if (Integer.compareUnsigned(size, MAX) > 0) {
            throw E2BIG.error();
        }
        byte[] value = r.bytes(size).toArray(ValueLayout.JAVA_BYTE);
        Node node = session.nodes.get(r.nodeid).node;
        node.setxattr(name, value, flags);
        if (killSgid) {
            int mode = node.getattr().mode();
            node.setattr(SetAttr.none().withMode(mode & Mode.PERMISSIONS & ~Mode.S_ISGID));
        }
    }

    private boolean extended() {
        return session.negotiation.has(Wire.Init.SETXATTR_EXT);
    }

    void removexattr(Request r) throws IOException {
        checkOn();
        Name name = attributeName(r);
        session.nodes.get(r.nodeid).node.removexattr(name);
    }

    private static Name attributeName(Request r) throws ErrnoException {
        Name name = r.name();
        if (name.length() == 0 || name.length() > Name.MAX) {
            throw ERANGE.error("attribute name of %d bytes", name.length());
        }
        return name;
    }
}
