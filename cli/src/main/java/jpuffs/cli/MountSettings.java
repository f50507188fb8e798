// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static jpuffs.sys.Mounts.MS_NOATIME;
import static jpuffs.sys.Mounts.MS_NODEV;
import static jpuffs.sys.Mounts.MS_NOEXEC;
import static jpuffs.sys.Mounts.MS_NOSUID;
import static jpuffs.sys.Mounts.MS_NOSYMFOLLOW;
import static jpuffs.sys.Mounts.MS_RDONLY;
import static jpuffs.sys.Mounts.MS_SYNCHRONOUS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jpuffs.puffs.MountOptions;
import jpuffs.puffs.MountOptions.IoUring;
import org.jspecify.annotations.Nullable;

/// What the `-o` options of one mount ask for. They are applied in their order, so of two that contradict each
/// other the last one wins, as with mount(8).
///
/// Ordinary users get what fusermount3 allows; root's mounts serve all users by default, as those of the kernel's
/// own file systems do.
final class MountSettings {
    private static final Path FUSE_CONF = Path.of("/etc/fuse.conf");

    /// The flags that [MountOptions] knows.
    private static final long IN_OPTIONS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_SYNCHRONOUS;

    private final FileServerType type;
    private final TypeOptions typeOptions;
    private MountOptions options;
    private @Nullable String fsname;
    private long flags = MS_NOSUID | MS_NODEV;

    private MountSettings(FileServerType type, boolean root) {
        this.type = type;
        this.typeOptions = new TypeOptions(type);
        this.options =
                type.defaults(MountOptions.defaults()).withType(type.subtype()).withAllowOther(root);
    }

    /// Applies `given` to the defaults of `type`.
    ///
    /// @param root whether it is root who mounts
    /// @throws Failure for the first option that is unknown, has a bad value, or may not be used
    static MountSettings of(FileServerType type, List<Opt> given, boolean root) throws Failure {
        boolean sloppy = given.contains(new Opt("sloppy", null));
        var settings = new MountSettings(type, root);
        for (Opt option : given) {
            settings.apply(option, sloppy);
        }
        if (type.isReadOnly()) {
            settings.flags |= MS_RDONLY;
        }
        if (!root) {
            settings.requireAllowed();
        }
        return settings;
    }

    /// How to mount.
    ///
    /// @param source what mount(8) shows, unless fsname was given
    MountOptions options(String source) {
        return options.withFsname(Objects.requireNonNullElse(fsname, source))
                .withReadOnly(has(MS_RDONLY))
                .withNoSuid(has(MS_NOSUID))
                .withNoDev(has(MS_NODEV))
                .withNoExec(has(MS_NOEXEC))
                .withNoAtime(has(MS_NOATIME))
                .withSync(has(MS_SYNCHRONOUS));
    }

    /// All flags of mount(2) asked for.
    long flags() {
        return flags;
    }

    /// Whether some of them are not among [#options].
    boolean hasMoreFlags() {
        return (flags & ~IN_OPTIONS) != 0;
    }

    /// The options of the type.
    TypeOptions typeOptions() {
        typeOptions.setFlags(flags);
        return typeOptions;
    }

    private boolean has(long flag) {
        return (flags & flag) != 0;
    }

    private void apply(Opt option, boolean sloppy) throws Failure {
        if (typeOptions.take(option)) {
            return;
        }
        GenericOption generic = GenericOption.of(option.name());
        if (generic == null) {
            if (!sloppy) {
                throw unknown(option, type);
            }
            return;
        }
        switch (generic.effect()) {
            case SET, CLEAR -> {
                TypeOptions.requireValue(option, null);
                flags = generic.apply(flags);
            }
            case SETTING -> set(generic, option);
            case IGNORED -> {}
            case REFUSED -> throw Failure.usage("option " + option.name() + " cannot be had: " + generic.help());
        }
    }

    /// Says that `option` is neither generic nor one of `type`, and which one was meant.
    static Failure unknown(Opt option, FileServerType type) {
        var known = new ArrayList<String>();
        type.options().forEach(own -> known.add(own.name()));
        for (GenericOption generic : GenericOption.values()) {
            known.add(generic.optionName());
        }
        return Failure.usage("unknown option " + option.name() + Similar.hint(option.name(), known) + "; puffs help "
                + type.name() + " and puffs help mount list them");
    }

    private void set(GenericOption generic, Opt option) throws Failure {
        if (generic != GenericOption.USER) {
            TypeOptions.requireValue(option, generic.param());
        }
        String name = option.name();
        String value = Objects.requireNonNullElse(option.value(), "");
        switch (generic) {
            case USER, USERS -> flags |= MS_NOEXEC | MS_NOSUID | MS_NODEV;
            case OWNER, GROUP -> flags |= MS_NOSUID | MS_NODEV;
            case FSNAME -> fsname = value;
            case SUBTYPE -> options = options.withType(value);
            case UID -> options = options.withUid(Values.id(name, value));
            case GID -> options = options.withGid(Values.id(name, value));
            case UMASK -> options = options.withUmask(Values.mode(name, value));
            case ENTRY_TIMEOUT -> options = options.withEntryTtl(Values.seconds(name, value));
            case NEGATIVE_TIMEOUT -> options = options.withNegativeTtl(Values.seconds(name, value));
            case ATTR_TIMEOUT -> options = options.withAttrTtl(Values.seconds(name, value));
            case MAX_READ -> options = options.withMaxRead(Values.bytes(name, value, 4096, 1 << 20));
            case MAX_WRITE -> options = options.withMaxWrite(Values.bytes(name, value, 4096, 1 << 20));
            default -> set(generic);
        }
    }

    private void set(GenericOption generic) {
        options = switch (generic) {
            case ALLOW_OTHER -> options.withAllowOther(true);
            case NOALLOW_OTHER -> options.withAllowOther(false);
            case DEFAULT_PERMISSIONS -> options.withDefaultPermissions(true);
            case NODEFAULT_PERMISSIONS -> options.withDefaultPermissions(false);
            case AUTO_UNMOUNT -> options.withAutoUnmount(true);
            case KERNEL_CACHE -> cache(true, false, false);
            case AUTO_CACHE -> cache(false, true, false);
            case DIRECT_IO -> cache(false, false, true);
            case WRITEBACK_CACHE -> options.withWriteback(true);
            case NOWRITEBACK_CACHE -> options.withWriteback(false);
            case IO_URING -> options.withIoUring(IoUring.ON);
            case NO_IO_URING -> options.withIoUring(IoUring.OFF);
            case XATTR -> options.withXattr(true);
            case NOXATTR -> options.withXattr(false);
            case DUMP -> options.withDump(true);
            default -> throw new IllegalStateException("no case for " + generic);
        };
    }

    private MountOptions cache(boolean kernel, boolean auto, boolean direct) {
        return options.withKernelCache(kernel).withAutoCache(auto).withDirectIo(direct);
    }

    private void requireAllowed() throws Failure {
        if (!has(MS_NOSUID) || !has(MS_NODEV)) {
            throw Failure.usage("option " + (has(MS_NOSUID) ? "dev" : "suid") + ": only root may use it");
        }
        if (has(MS_NOSYMFOLLOW)) {
            throw Failure.usage("option nosymfollow: only root may use it");
        }
        if (options.allowOther() && !usersMayAllowOther(FUSE_CONF)) {
            throw Failure.usage(
                    "option allow_other: only root may use it, unless " + FUSE_CONF + " has the line user_allow_other");
        }
    }

    /// Whether the configuration of fusermount3 lets ordinary users share their mounts; not if it cannot be read.
    static boolean usersMayAllowOther(Path fuseConf) {
        try (var lines = Files.lines(fuseConf)) {
            return lines.anyMatch(line -> line.strip().equals("user_allow_other"));
        } catch (IOException _) {
            return false;
        }
    }
}
