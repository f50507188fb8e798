// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.FsIdentity;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.RumpFsType;
import org.jspecify.annotations.Nullable;

/// The type `ext2fs`: ext2, ext3 and ext4.
public final class Ext2Type implements RumpFsType {
    @Override
    public String name() {
        return "ext2fs";
    }

    @Override
    public String summary() {
        return "ext2, ext3 and ext4, read and write, with journal";
    }

    @Override
    public List<String> aliases() {
        return List.of("ext2", "ext3", "ext4");
    }

    @Override
    public List<FsOption> mountOptions() {
        return MountOptions.KNOWN;
    }

    @Override
    public List<FsOption> newfsOptions() {
        return NewfsOptions.KNOWN;
    }

    @Override
    public void newfs(BlockDevice device, FsOptions options, Rumpuser host) throws IOException {
        Newfs.make(device, NewfsOptions.of(options, device.size()), host);
    }

    @Override
    public @Nullable FsIdentity probe(BlockDevice device) throws IOException {
        MemorySegment raw = Superblock.readRaw(device);
        if (!Superblock.hasMagic(raw)) {
            return null;
        }
        try {
            return identity(new Superblock(raw));
        } catch (ErrnoException e) {
            return null; // the magic number alone is too little
        }
    }

    private FsIdentity identity(Superblock sb) {
        String state = sb.features.incompat(Features.NEEDS_RECOVERY)
                ? "needs recovery"
                : sb.hasErrors() ? "has errors" : (sb.state() & Superblock.STATE_VALID) != 0 ? "clean" : "not clean";
        return new FsIdentity(
                name(),
                version(sb.features),
                sb.label(),
                sb.uuid(),
                sb.blocks * sb.blockSize,
                sb.blockSize,
                state,
                sb.features.names());
    }

    private static String version(Features features) {
        int ext4 = Features.EXTENTS | Features.FLEX_BG | Features.BIT64 | Features.INLINE_DATA;
        if (features.incompat(ext4) || features.roCompat(Features.HUGE_FILE | Features.METADATA_CSUM)) {
            return "ext4";
        }
        return features.compat(Features.HAS_JOURNAL) ? "ext3" : "ext2";
    }

    @Override
    public FileSystem mount(BlockDevice device, FsOptions options, Rumpuser host) throws IOException {
        return Ext2Fs.mount(device, MountOptions.of(options), host);
    }

    @Override
    public FsckResult fsck(BlockDevice device, boolean repair, Consumer<String> report, Rumpuser host)
            throws IOException {
        return Fsck.check(device, repair, report, host);
    }
}
