// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.SetxattrIn;
import org.jspecify.annotations.Nullable;

/// Extended attributes of the server's files, by node id. As in [jpuffs.core.Node], of a server that may not have
/// them: it is asked once.
final class Xattrs {
    private static final int MAX_SIZE = 65_536; // of a value, and of a list: XATTR_SIZE_MAX, XATTR_LIST_MAX

    private Xattrs() {}

    static byte @Nullable [] get(SysPuffs fs, long id, Name name) throws ErrnoException {
        try (var message = Message.named(Opcode.GETXATTR, id, 8, name).set(0, MAX_SIZE)) {
            return fs.callIfThere(message, MAX_SIZE, EOPNOTSUPP).bytes();
        } catch (ErrnoException e) {
            if (e.errno() == ENODATA) {
                return null;
            }
            throw e;
        }
    }

    static List<Name> list(SysPuffs fs, long id) throws ErrnoException {
        try (var message = new Message(Opcode.LISTXATTR, id, 8, 0).set(0, MAX_SIZE)) {
            return names(fs.callIfThere(message, MAX_SIZE, EOPNOTSUPP));
        } catch (ErrnoException e) {
            if (e.errno() == EOPNOTSUPP) {
                return List.of();
            }
            throw e;
        }
    }

    private static List<Name> names(Reply reply) throws ErrnoException {
        byte[] list = reply.bytes();
        var names = new ArrayList<Name>();
        int start = 0;
        for (int i = 0; i < list.length; i++) {
            if (list[i] == 0) {
                names.add(Name.of(Arrays.copyOfRange(list, start, i)));
                start = i + 1;
            }
        }
        boolean odd = names.stream().anyMatch(name -> name.length() == 0 || name.length() > Name.MAX);
        if (odd || start != list.length) {
            throw reply.wrong("%d bytes that are no list of names", list.length);
        }
        return names;
    }

    static void set(SysPuffs fs, long id, Name name, byte[] value, int flags) throws ErrnoException {
        try (var message = new Message(Opcode.SETXATTR, id, 8, name.length() + 1 + value.length)) {
            message.set(SetxattrIn.LENGTH, value.length)
                    .set(SetxattrIn.FLAGS, flags)
                    .add(name)
                    .add(value);
            fs.callIfThere(message, 0, EOPNOTSUPP);
        }
    }

    static void remove(SysPuffs fs, long id, Name name) throws ErrnoException {
        try (var message = Message.named(Opcode.REMOVEXATTR, id, 0, name)) {
            fs.callIfThere(message, 0, EOPNOTSUPP);
        }
    }
}
