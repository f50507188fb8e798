// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.FsIdentity;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.cd9660.VolumeDescriptor.Kind;
import org.jspecify.annotations.Nullable;

/// The type `cd9660`: ISO 9660 with Rock Ridge and Joliet, read only.
public final class Cd9660Type implements RumpFsType {
    private static final long PROBE_CACHE = 1 << 20;

    @Override
    public String name() {
        return "cd9660";
    }

    @Override
    public String summary() {
        return "ISO 9660 with Rock Ridge, Joliet and zisofs, read only";
    }

    @Override
    public List<String> aliases() {
        return List.of("iso9660");
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    /// 32 KiB into the device, where a file system made later does not always write.
    @Override
    public boolean isProbedLast() {
        return true;
    }

    @Override
    public List<FsOption> mountOptions() {
        return MountOptions.KNOWN;
    }

    @Override
    public @Nullable FsIdentity probe(BlockDevice device) throws IOException {
        try (var disc = new Disc(device, PROBE_CACHE)) {
            List<Long> sessions = Sessions.find(disc);
            return sessions.isEmpty() ? null : identity(disc, sessions);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL || e.errno() == Errno.EUCLEAN || e.errno() == Errno.EOPNOTSUPP) {
                return null;
            }
            throw e;
        }
    }

    private FsIdentity identity(Disc disc, List<Long> sessions) throws IOException {
        long start = sessions.getLast();
        VolumeDescriptor.Set set = VolumeDescriptor.readAll(disc, start);
        VolumeDescriptor primary = set.all().getFirst();
        VolumeDescriptor joliet = VolumeDescriptor.first(set, Kind.JOLIET);
        boolean rockRidge = View.choose(disc, set, false, true).hasRockRidge();
        var features = new ArrayList<String>();
        add(features, rockRidge, "rockridge");
        add(features, joliet != null, "joliet");
        add(features, VolumeDescriptor.first(set, Kind.ENHANCED) != null, "iso9660:1999");
        add(features, set.bootCatalog() >= 0, "eltorito");
        add(features, sessions.size() > 1, "sessions:" + sessions.size());
        String label =
                joliet != null && joliet.label().length() > primary.label().length() ? joliet.label() : primary.label();
        return new FsIdentity(
                name(),
                "ISO 9660",
                label,
                primary.uuid(),
                start * Disc.SECTOR + primary.blocks() * primary.blockSize(),
                primary.blockSize(),
                "",
                features);
    }

    private static void add(List<String> features, boolean is, String name) {
        if (is) {
            features.add(name);
        }
    }

    @Override
    public FileSystem mount(BlockDevice device, FsOptions options, Rumpuser host) throws IOException {
        return Cd9660Fs.mount(device, MountOptions.of(options));
    }
}
