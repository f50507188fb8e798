// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.E2BIG;
import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.ERANGE;

import java.io.IOException;
import java.util.List;
import jpuffs.core.Access;
import jpuffs.core.Acl;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;

/// Extended attributes: who may touch which (Linux `fs/xattr.c`, `xattr_permission`, and xattr(7)).
final class XattrOps {
    private static final int SIZE_MAX = 65_536;

    private final Proc process;

    XattrOps(Proc process) {
        this.process = process;
    }

    byte[] get(Vnode vnode, Name name) throws IOException {
        checkName(name);
        checkAccess(vnode, name, Access.READ);
        byte[] value = vnode.node().getxattr(name);
        if (value == null) {
            throw ENODATA.error();
        }
        return value.clone();
    }

    List<Name> list(Vnode vnode) throws IOException {
        List<Name> names = vnode.node().listxattr();
        return names.stream()
                .filter(name -> Access.mayList(name, process.cred()))
                .toList();
    }

    void set(Vnode vnode, Name name, byte[] value, int flags) throws IOException {
        if ((flags & ~(Node.XATTR_CREATE | Node.XATTR_REPLACE)) != 0) {
            throw EINVAL.error();
        }
        checkName(name);
        if (value.length > SIZE_MAX) {
            throw E2BIG.error();
        }
        vnode.mount.requireWritable();
        checkAccess(vnode, name, Access.WRITE);
        vnode.node().setxattr(name, value.clone(), flags);
    }

    void remove(Vnode vnode, Name name) throws IOException {
        checkName(name);
        vnode.mount.requireWritable();
        checkAccess(vnode, name, Access.WRITE);
        vnode.node().removexattr(name);
    }

    private static void checkName(Name name) throws ErrnoException {
        if (name.length() == 0 || name.length() > Name.MAX) {
            throw ERANGE.error();
        }
    }

    private void checkAccess(Vnode vnode, Name name, int mask) throws IOException {
        boolean write = mask == Access.WRITE;
        boolean privileged = process.cred().isPrivileged();
        if (has(name, "system.")) {
            checkAcl(vnode, name, write);
        } else if (has(name, "security.")) {
            require(privileged || !write, true);
        } else if (has(name, "trusted.")) {
            require(privileged, write);
        } else {
            checkUser(vnode, write);
            process.checkAccess(vnode, mask);
        }
    }

    /// Access control lists: everybody may read them, the owner write them.
    private void checkAcl(Vnode vnode, Name name, boolean write) throws IOException {
        if (vnode.isSymlink()) {
            throw EOPNOTSUPP.error();
        }
        if (write && name.equals(Acl.DEFAULT) && !vnode.isDirectory()) {
            throw EACCES.error();
        }
        require(!write || process.owns(vnode.attr()), true);
    }

    private void checkUser(Vnode vnode, boolean write) throws IOException {
        require(vnode.isRegular() || vnode.isDirectory(), write);
        Attr attr = vnode.attr();
        boolean sticky = vnode.isDirectory() && (attr.mode() & Mode.S_ISVTX) != 0;
        require(!write || !sticky || process.owns(attr), true);
    }

    private static void require(boolean allowed, boolean write) throws ErrnoException {
        if (!allowed) {
            throw (write ? EPERM : ENODATA).error();
        }
    }

    private static boolean has(Name name, String prefix) {
        return name.toString().startsWith(prefix);
    }
}
