// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.PrintStream;
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
        try (BlockDevice disk = HostImages.open(DiskName.parse(image), !repair)) {
            return type(typeName, disk)
                    .fsck(disk, repair, out::println, Rumpuser.HOST)
                    .exitCode();
        } catch (IOException e) {
            throw new Failure(OPERATION, "cannot check " + image + ": " + Reason.of(e));
        }
    }

    private static RumpFsType type(String name, BlockDevice disk) throws IOException, Failure {
        if (!name.equals(RumpType.AUTO)) {
            try {
                return DiskFs.type(name);
            } catch (Failure e) {
                throw new Failure(SYNTAX, e.text());
            }
        }
        RumpFsType type = RumpFsTypes.of(disk);
        if (type == null) {
            throw new Failure(OPERATION, "cannot check it: no known file system (see: puffs identify)");
        }
        return type;
    }
}
