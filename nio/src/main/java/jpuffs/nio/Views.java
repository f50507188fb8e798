// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import org.jspecify.annotations.Nullable;

/// Attribute views by their interfaces.
final class Views {
    private Views() {}

    /// The view, or null if the file system has none of this type.
    static <V extends FileAttributeView> @Nullable V of(Class<V> type, Target target, boolean follow) {
        if (type == BasicFileAttributeView.class) {
            return type.cast(new FileView("basic", target, follow));
        }
        if (type == FileOwnerAttributeView.class) {
            return type.cast(new FileView("owner", target, follow));
        }
        if (type == PosixFileAttributeView.class) {
            return type.cast(new FileView("posix", target, follow));
        }
        if (type == UserDefinedFileAttributeView.class && target.fs().hasXattrs()) {
            return type.cast(new UserView(target, follow));
        }
        return null;
    }
}
