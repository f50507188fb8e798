// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Name;

/// The extended attributes of a file whose names begin with `user.`, without that.
final class UserView implements UserDefinedFileAttributeView {
    private static final String PREFIX = "user.";

    private final Target target;
    private final boolean follow;

    UserView(Target target, boolean follow) {
        this.target = target;
        this.follow = follow;
    }

    @Override
    public String name() {
        return "user";
    }

    private static Name attribute(String name) {
        return Name.of(PREFIX + name);
    }

    @Override
    public List<String> list() throws IOException {
        List<Name> all = target.call(p -> p.listxattrat(target.dirfd(), target.bytes(), Target.flags(follow)));
        var names = new ArrayList<String>();
        for (Name each : all) {
            String name = each.toString();
            if (name.startsWith(PREFIX)) {
                names.add(name.substring(PREFIX.length()));
            }
        }
        return names;
    }

    byte[] get(String name) throws IOException {
        return target.call(p -> p.getxattrat(target.dirfd(), target.bytes(), Target.flags(follow), attribute(name)));
    }

    @Override
    public int size(String name) throws IOException {
        return get(name).length;
    }

    @Override
    public int read(String name, ByteBuffer dst) throws IOException {
        byte[] value = get(name);
        if (value.length > dst.remaining()) {
            throw new FileSystemException(
                    target.shown().toString(), null, "attribute " + name + " has " + value.length + " bytes");
        }
        dst.put(value);
        return value.length;
    }

    @Override
    public int write(String name, ByteBuffer src) throws IOException {
        var value = new byte[src.remaining()];
        src.get(value);
        target.change(
                p -> p.setxattrat(target.dirfd(), target.bytes(), Target.flags(follow), attribute(name), value, 0));
        return value.length;
    }

    @Override
    public void delete(String name) throws IOException {
        target.change(p -> p.removexattrat(target.dirfd(), target.bytes(), Target.flags(follow), attribute(name)));
    }
}
