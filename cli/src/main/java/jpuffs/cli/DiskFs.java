// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Objects;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.RumpFsTypes;

/// What the commands on disk images have in common.
final class DiskFs {
    private DiskFs() {}

    /// The types that lie on disks, in one line.
    static String names() {
        return RumpFsTypes.all().stream()
                .filter(RumpFsType::usesDevice)
                .map(RumpFsType::name)
                .collect(joining(", "));
    }

    /// The type of that name or alias that lies on disks.
    static RumpFsType type(String name) throws Failure {
        RumpFsType type = RumpFsTypes.named(name);
        if (type == null || !type.usesDevice()) {
            throw Failure.usage("no file system on disks is called " + name + "; there are: " + names());
        }
        return type;
    }

    /// `given`, all of which must be among `known`.
    static FsOptions options(RumpFsType type, List<FsOption> known, List<Opt> given) throws Failure {
        FsOptions values = FsOptions.NONE;
        for (Opt opt : given) {
            if (known.stream().noneMatch(option -> option.name().equals(opt.name()))) {
                String hint = Similar.hint(
                        opt.name(), known.stream().map(FsOption::name).toList());
                throw Failure.usage("unknown option " + opt.name() + hint + " of " + type.name() + "; there are: "
                        + known.stream().map(FsOption::name).collect(joining(", ")));
            }
            values = values.with(opt.name(), Objects.requireNonNullElse(opt.value(), ""));
        }
        return values;
    }
}
