// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Set;
import jpuffs.core.StatFs;
import jpuffs.rumpfs.Ukfs;
import org.jspecify.annotations.Nullable;

/// The one store of a [RumpFileSystem].
final class RumpFileStore extends FileStore {
    private static final Set<Class<? extends FileAttributeView>> VIEWS =
            Set.of(BasicFileAttributeView.class, FileOwnerAttributeView.class, PosixFileAttributeView.class);

    private final RumpFileSystem fs;

    RumpFileStore(RumpFileSystem fs) {
        this.fs = fs;
    }

    private StatFs stat() throws IOException {
        return fs.call(fs.root(), p -> p.statfs(fs.root().toBytes()));
    }

    /// The image.
    @Override
    public String name() {
        return fs.toString();
    }

    /// The name of the [jpuffs.rumpfs.RumpFsType].
    @Override
    public String type() {
        Ukfs ukfs = fs.ukfs();
        return ukfs.type().name();
    }

    @Override
    public boolean isReadOnly() {
        return fs.isReadOnly();
    }

    @Override
    public long getTotalSpace() throws IOException {
        StatFs stat = stat();
        return stat.blocks() * stat.blockSize();
    }

    @Override
    public long getUsableSpace() throws IOException {
        StatFs stat = stat();
        return stat.available() * stat.blockSize();
    }

    @Override
    public long getUnallocatedSpace() throws IOException {
        StatFs stat = stat();
        return stat.free() * stat.blockSize();
    }

    @Override
    public long getBlockSize() throws IOException {
        return stat().blockSize();
    }

    @Override
    public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
        return VIEWS.contains(type) || type == UserDefinedFileAttributeView.class && fs.hasXattrs();
    }

    @Override
    public boolean supportsFileAttributeView(String name) {
        return fs.supportedFileAttributeViews().contains(name);
    }

    @Override
    public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(Class<V> type) {
        return null;
    }

    @Override
    public Object getAttribute(String attribute) throws IOException {
        return switch (attribute) {
            case "totalSpace" -> getTotalSpace();
            case "usableSpace" -> getUsableSpace();
            case "unallocatedSpace" -> getUnallocatedSpace();
            default -> throw new UnsupportedOperationException(attribute + " is not an attribute of a store");
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RumpFileStore store && store.fs.equals(fs);
    }

    @Override
    public int hashCode() {
        return fs.hashCode();
    }

    @Override
    public String toString() {
        return name() + " (" + type() + ")";
    }
}
