// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.List;
import java.util.Locale;

/// What is measured on a mount: a script of the shell, in which `$M` is the mounted folder, `$T` a tree as a tar
/// file, and `$N` the size in MiB or the number of files.
///
/// @param amount `$N`
/// @param unit what the table shows: MB/s, or seconds
/// @param manyFiles whether it is about many files or processes
/// @param goal how many times as fast as sshfs we want to be; 0 for no goal
record SftpWork(String name, int amount, String unit, boolean manyFiles, double goal, String script) {
    private static final String MB = "MB/s";
    private static final double MIB = 1.048576; // MB

    /// @param far whether the line is long: then less of what takes a round trip each
    static List<SftpWork> all(boolean far, boolean quick) {
        int size = quick ? 64 : 512;
        return List.of(
                new SftpWork(
                        "write",
                        size,
                        MB,
                        false,
                        1.2,
                        "dd if=/dev/zero of=$M/new bs=1M count=$N conv=fsync status=none"),
                new SftpWork(
                        "read", far ? size / 4 : size, MB, false, far ? 10 : 1.3, "head -c ${N}M $M/data >/dev/null"),
                new SftpWork("ls -lR", 0, "s", false, 3, "ls -lR $M/tree >/dev/null"),
                new SftpWork(
                        "unpack",
                        0,
                        "s",
                        true,
                        far ? 1.3 : 1.5,
                        "mkdir $M/un && tar -xf $T -C $M/un && rm -r --one-file-system $M/un"),
                new SftpWork("random 4 KiB, 16 threads", 0, "s", true, 1.5, """
                        for i in $(seq 16); do
                            (RANDOM=$i; for j in $(seq $((N ? N : 64))); do echo $((RANDOM * 4)); done \\
                                | while read -r at; do dd if=$M/data bs=4k skip=$((at % 16384)) count=1 status=none; done \\
                                >/dev/null) &
                        done; wait"""));
    }

    /// The number that the table shows.
    double shown(double seconds) {
        return unit.equals(MB) ? amount * MIB / seconds : seconds;
    }

    /// How many times as fast `ours` is as `theirs`, both in seconds.
    String ratio(double ours, double theirs) {
        String mark = goal == 0 ? "" : theirs / ours >= goal ? " ✓" : " ✗";
        return String.format(Locale.ROOT, "%.2f%s", theirs / ours, mark);
    }
}
