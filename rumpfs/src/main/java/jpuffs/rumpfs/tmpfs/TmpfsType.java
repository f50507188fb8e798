// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Errno.EINVAL;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.RumpFsType;

/// The type `tmpfs`: what is mounted is empty, and gone when it is unmounted.
public final class TmpfsType implements RumpFsType {
    /// For the ServiceLoader.
    public TmpfsType() {}

    private static final List<FsOption> OPTIONS = List.of(
            new FsOption(
                    "size", "BYTES", "the most data, as in 512m, 2g or 20%, 0 for no limit; default: half of memory"),
            new FsOption("nr_inodes", "N", "the most files; default: what half of the heap holds"),
            new FsOption("mode", "OCTAL", "permissions of the root; default: 1777"));

    @Override
    public String name() {
        return "tmpfs";
    }

    @Override
    public String summary() {
        return "a file system in memory";
    }

    @Override
    public boolean usesDevice() {
        return false;
    }

    @Override
    public List<FsOption> mountOptions() {
        return OPTIONS;
    }

    @Override
    public FileSystem mount(BlockDevice device, FsOptions options, Rumpuser host) throws ErrnoException {
        var names = new ArrayList<>(OPTIONS.stream().map(FsOption::name).toList());
        names.addAll(List.of("ro", "uid", "gid"));
        options.requireKnown(names);
        Tmpfs.Options how = Tmpfs.Options.DEFAULT;
        for (String name : names) {
            String value = options.text(name);
            how = value == null || name.equals("ro") ? how : with(how, name, value);
        }
        return new Tmpfs(how, host::now) {
            @Override
            public void unmount(boolean force) {
                close();
            }
        };
    }

    private static Tmpfs.Options with(Tmpfs.Options how, String name, String value) throws ErrnoException {
        try {
            return how.with(name, value);
        } catch (IllegalArgumentException e) {
            throw EINVAL.error("%s", String.valueOf(e.getMessage()));
        }
    }
}
