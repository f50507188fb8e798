// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.PrintStream;
import jpuffs.cli.fs.Line;
import jpuffs.core.BlockDevice;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.DiskName;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.RumpFsTypes;

/// `puffs fsck`: checks a file system, with the exit codes of fsck(8).
final class FsckCommand {
    /// It could not be checked.
    private static final int OPERATION = 8;

    /// The command line is wrong.
    private static final int SYNTAX = 16;

    private FsckCommand() {}

    /// Checks what is on an image.
    ///
    /// @param repair whether the image may be written
    /// @return 0, or 1: errors were repaired, or 4: errors are left
    static int run(String typeName, String image, boolean repair, PrintStream out) throws Failure {
        RumpFsType named = typeName.equals(RumpType.AUTO) ? null : DiskFs.type(typeName);
        try (BlockDevice disk = HostImages.open(DiskName.parse(image), !repair)) {
            RumpFsType type = named == null ? RumpFsTypes.of(disk) : named;
            if (type == null) {
                throw new Failure(OPERATION, "cannot check " + image + ": no known file system (see: puffs identify)");
            }
            return type.fsck(disk, repair, line -> out.println(Line.of(line)), Rumpuser.HOST)
                    .exitCode();
        } catch (IOException e) {
            throw new Failure(OPERATION, "cannot check " + image + ": " + Reason.of(e));
        }
    }

    /// A wrong command line, with the exit code that fsck(8) has for it: 1 would say that all is repaired.
    static Failure usage(Failure failure) {
        return new Failure(SYNTAX, failure.text());
    }
}
