// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import jpuffs.core.BlockDevice;
import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.P2k;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.RumpFsTypes;
import jpuffs.sys.Mounts;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;

/// A file system of the rump kernel as a type of file server: `p2k|ext2fs`.
final class RumpType implements FileServerType {
    /// The name for whatever is on the disk.
    static final String AUTO = "auto";

    /// A flag of mount(2) that a type may also want to know.
    private static final String NOATIME = "noatime";

    private static final TypeOption DIRECT =
            new TypeOption("direct", null, "the disk goes past the host's page cache (O_DIRECT)");

    private final RumpFsType type;
    private final List<TypeOption> fsOptions;

    RumpType(RumpFsType type) {
        this.type = type;
        this.fsOptions = typeOptions(type.mountOptions()).stream()
                .filter(option -> GenericOption.of(option.name()) == null)
                .toList();
    }

    private static List<TypeOption> typeOptions(List<FsOption> options) {
        return options.stream()
                .map(option ->
                        new TypeOption(option.name(), option.value().isEmpty() ? null : option.value(), option.help()))
                .toList();
    }

    /// The type of this name or alias, or null.
    static @Nullable RumpType find(String name) {
        RumpFsType type = RumpFsTypes.named(name);
        return type == null ? null : new RumpType(type);
    }

    /// The type of what is on a disk.
    ///
    /// @param source as users write it, see [DiskName]
    static RumpType on(@Nullable String source) throws Failure {
        if (source == null) {
            throw Failure.usage("type auto needs a disk image: puffs mount auto IMAGE[@pN] DIR");
        }
        DiskName name = DiskName.parse(source);
        try (BlockDevice disk = HostImages.open(name, true)) {
            RumpFsType type = RumpFsTypes.of(disk);
            if (type == null) {
                throw new Failure(
                        ExitCode.MOUNT, "cannot mount " + source + ": no known file system (see: puffs identify)");
            }
            return new RumpType(type);
        } catch (IOException e) {
            throw new Failure(ExitCode.MOUNT, "cannot open " + source + ": " + Reason.of(e));
        }
    }

    @Override
    public String name() {
        return type.name();
    }

    @Override
    public List<String> aliases() {
        return type.aliases();
    }

    @Override
    public String subtype() {
        return "p2k|" + type.name();
    }

    @Override
    public String summary() {
        return type.summary();
    }

    @Override
    public Source source() {
        return type.usesDevice() ? Source.DISK : Source.NONE;
    }

    @Override
    public List<TypeOption> options() {
        return type.usesDevice()
                ? Stream.concat(fsOptions.stream(), Stream.of(DIRECT)).toList()
                : fsOptions;
    }

    @Override
    public List<TypeOption> newfsOptions() {
        return typeOptions(type.newfsOptions());
    }

    @Override
    public boolean isReadOnly() {
        return type.isReadOnly();
    }

    @Override
    public MountOptions defaults(MountOptions base) {
        MountOptions cached = FileServerType.cachedForEver(base);
        return type.isCaseSensitive()
                ? cached
                : cached.withEntryTtl(Duration.ZERO).withNegativeTtl(Duration.ZERO); // a name changes by another
    }

    @Override
    public FileSystem open(String source, Path dir, TypeOptions given) throws IOException {
        boolean readOnly = given.has(Mounts.MS_RDONLY);
        FsOptions values = readOnly ? FsOptions.NONE.with("ro", "") : FsOptions.NONE;
        if (given.has(Mounts.MS_NOATIME)
                && type.mountOptions().stream().anyMatch(option -> option.name().equals(NOATIME))) {
            values = values.with(NOATIME, "");
        }
        for (TypeOption option : fsOptions) {
            String value = given.value(option);
            if (option.param() == null ? given.flag(option, false) : value != null) {
                values = values.with(option.name(), option.param() == null || value == null ? "" : value);
            }
        }
        if (!type.usesDevice() || !type.isCaseSensitive()) { // those that have owners by options only
            values = values.with("uid", Integer.toUnsignedString(Sys.geteuid()))
                    .with("gid", Integer.toUnsignedString(Sys.getegid()));
        }
        if (!type.usesDevice()) {
            return P2k.mount(type, MemoryDisk.ofSize(0), values, Rumpuser.HOST);
        }
        return P2k.mount(
                type,
                HostImages.open(DiskName.parse(source), readOnly, given.flag(DIRECT, false)),
                values,
                Rumpuser.HOST);
    }
}
