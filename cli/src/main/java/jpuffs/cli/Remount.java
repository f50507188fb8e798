// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;

/// `-o remount`: changes the flags of mount(2), `ro` and the like, of what puffs has mounted. The server goes on as
/// it was started; so options that are its business are not looked at, and mount(8) may repeat them all.
final class Remount {
    private Remount() {}

    static void run(MountArgs args, FileServerType type, boolean root) throws Failure {
        Dir dir = Dir.of(args.dir(), "remount");
        MountInfo mount = dir.mount();
        if (mount == null || !dir.isPuffs()) {
            throw new Failure(ExitCode.MOUNT, "cannot remount " + dir + ": puffs has mounted nothing there");
        }
        if (!root) {
            throw Failure.usage("cannot remount " + dir + ": only root may");
        }
        set(dir, flags(new PuffsMount(mount), args, type));
    }

    /// Gives what is mounted on `dir` these flags of mount(2).
    static void set(Dir dir, long flags) throws Failure {
        try {
            Name none = Name.of("none");
            Mounts.mount(none, dir.name(), "none", Mounts.MS_REMOUNT | flags, "");
        } catch (ErrnoException e) {
            throw new Failure(ExitCode.MOUNT, "cannot remount " + dir + ": " + Reason.of(e));
        }
    }

    /// The flags it has, changed as the options say.
    static long flags(PuffsMount mount, MountArgs args, FileServerType type) throws Failure {
        long flags = 0;
        for (String name : mount.options()) {
            GenericOption option = GenericOption.of(name);
            flags = option == null ? flags : option.apply(flags);
        }
        var ofType = new TypeOptions(type);
        for (Opt opt : args.options()) {
            GenericOption option = GenericOption.of(opt.name());
            if (option != null) {
                flags = option.apply(flags);
            } else if (!ofType.take(opt)) {
                throw MountSettings.unknown(opt, type);
            }
        }
        return flags;
    }
}
