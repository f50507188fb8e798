// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import jpuffs.puffs.FileServer;
import jpuffs.puffs.MountOptions;
import org.jspecify.annotations.Nullable;

/// A file system mounted by a [FileServer] of this program, used by real system calls.
public final class MountedEnv extends HostEnv {
    private final Volume volume;
    private final MountOptions options;
    private @Nullable FileServer server;

    /// @param name of the file system
    /// @param missing what it has not
    public MountedEnv(String name, Set<Feature> missing, Volume volume, MountOptions options) {
        super(name + ", mounted", withFixed(missing));
        this.volume = volume;
        this.options = options.withAllowOther(true).withNoDev(false).withNoSuid(false);
    }

    /// The kernel's FUSE refuses some things itself.
    private static Set<Feature> withFixed(Set<Feature> missing) {
        var all = EnumSet.of(Feature.COLLAPSE_RANGE);
        all.addAll(missing);
        return all;
    }

    @Override
    public @Nullable String unavailable() {
        return whyNoFuse();
    }

    @Override
    protected void newfs(long size) throws Exception {
        volume.newfs(size);
        if (directory == null) {
            directory = newDirectory();
        }
    }

    @Override
    protected void mount() throws Exception {
        server = FileServer.mount(directory(), volume.open(), options);
        if (!volume.folder().isEmpty() && !Files.exists(Path.of(rootPath()))) {
            Files.createDirectory(Path.of(rootPath()));
        }
    }

    @Override
    protected String rootPath() {
        return volume.folder().isEmpty()
                ? directory().toString()
                : directory().resolve(volume.folder()).toString();
    }

    @Override
    protected void remount(boolean readOnly) throws Exception {
        remountFuse(readOnly);
    }

    @Override
    protected void unmount() throws Exception {
        FileServer mounted = requireNonNull(server, "not mounted");
        unmount(() -> mounted.unmount(false));
        server = null;
        volume.unmounted();
    }

    @Override
    protected void fsck() throws Exception {
        volume.fsck();
    }

    @Override
    protected void abort() throws Exception {
        detach(directory()); // which ends the connection first
    }

    @Override
    protected void cleanUp() throws Exception {
        if (server != null) {
            server.close();
        }
        volume.remove();
        if (directory != null) {
            detach(directory);
            Files.delete(directory);
        }
    }
}
