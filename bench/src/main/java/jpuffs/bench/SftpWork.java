// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.ArrayList;
import java.util.List;

/// What is measured: a script of the shell, in which `$M` is the mounted folder, `$R` what is mounted, by its name
/// on the server, `$L` a folder here, `$N` the amount, `$WM`, `$WF` and `$WN` MiB, files and reads to warm up, `$SEED`
/// another number in each turn and `$SFTP` an sftp that reads commands. A script that prints a number has taken so many
/// milliseconds by its own clock.
///
/// @param unit what the table shows: MB/s, IOPS, or seconds
/// @param amount `$N`: MiB, files or reads
record SftpWork(String name, String unit, int amount, Scripts scripts, List<SftpGoal> goals) {
    static final String WRITE = "write";
    static final String READ = "read";
    static final String LIST = "ls -lR, cold";
    static final String UNPACK = "unpack";
    static final String REMOVE = "rm -r";
    static final String RANDOM = "random 4 KiB, 16 threads";

    static final String RATE = "MB/s";
    private static final String IOPS = "IOPS";
    private static final double MIB = 1.048576; // MB
    private static final int THREADS = 16;

    /// @param mount what is measured on a mount
    /// @param warmUp the same in small: nothing of it is used again
    /// @param sftp what is measured with the plain sftp, or ""
    record Scripts(String mount, String warmUp, String sftp) {}

    private static final Scripts WRITING = new Scripts(
            "dd if=/dev/zero of=$M/new bs=1M count=$N conv=fsync status=none",
            "dd if=/dev/zero of=$M/warm bs=1M count=$WM conv=fsync status=none; rm $M/warm",
            "echo \"put -f $L/zeros$N $R/new\" | $SFTP >/dev/null");

    private static final Scripts READING = new Scripts(
            "cat $M/data$N >/dev/null",
            "cat $M/data$WM >/dev/null",
            "echo \"get $R/data$N /dev/null\" | $SFTP >/dev/null");

    private static final Scripts LISTING = new Scripts(
            "ls -lR $M/tree >/dev/null",
            "ls -lR $M/warm-tree >/dev/null",
            "for d in $R/tree/*; do echo \"ls -l $d\"; done | $SFTP >/dev/null");

    private static final Scripts UNPACKING = new Scripts(
            "mkdir $M/un; tar -xf $L/$N.tar -C $M/un",
            "mkdir $M/warm-un; tar -xf $L/$WF.tar -C $M/warm-un; rm -r --one-file-system $M/warm-un",
            "");

    private static final Scripts REMOVING = new Scripts("rm -r --one-file-system $M/un", ":", "");

    private static final Scripts READING_AT_RANDOM =
            new Scripts(randomReads("random", "N"), randomReads("warm-random", "WN"), "");

    /// All that is done over a line.
    static List<SftpWork> all(SftpLine line, boolean quick) {
        SftpLine.Sizes sizes = line.sizes(quick);
        boolean far = line == SftpLine.FAR;
        var all = new ArrayList<SftpWork>();
        all.add(new SftpWork(WRITE, RATE, sizes.write(), WRITING, List.of(SftpGoal.sshfs(1.2))));
        List<SftpGoal> read = far
                ? List.of(SftpGoal.sshfs(10), new SftpGoal(SftpContender.OURS, SftpContender.RCLONE, 1))
                : List.of(SftpGoal.sshfs(1.3));
        all.add(new SftpWork(READ, RATE, sizes.read(), READING, read));
        all.add(new SftpWork(LIST, "s", 0, LISTING, List.of(SftpGoal.sshfs(3))));
        List<SftpGoal> unpack = far
                ? List.of(SftpGoal.sshfs(1.3), new SftpGoal(SftpContender.ASYNC, SftpContender.SSHFS, 4))
                : List.of(SftpGoal.sshfs(1.5));
        all.add(new SftpWork(UNPACK, "s", sizes.files(), UNPACKING, unpack));
        all.add(new SftpWork(REMOVE, "s", sizes.files(), REMOVING, List.of()));
        if (sizes.ios() > 0) {
            all.add(new SftpWork(RANDOM, IOPS, sizes.ios(), READING_AT_RANDOM, List.of(SftpGoal.sshfs(1.5))));
        }
        boolean hasGoals = far || line == SftpLine.STRAIGHT;
        return hasGoals ? all : all.stream().map(SftpWork::withoutGoals).toList();
    }

    /// @param amount the variable of what all threads read
    private static String randomReads(String file, String amount) {
        return """
            fio --name=r --filename=$M/%s --readonly --rw=randread --bs=4k --ioengine=psync --numjobs=%d --thread \\
                --number_ios=$((%s / %d)) --randseed=$SEED --group_reporting --output-format=json \\
                | sed -n 's/.*"runtime" : \\([1-9][0-9]*\\),.*/\\1/p' | head -n 1""".formatted(file, THREADS, amount, THREADS);
    }

    private SftpWork withoutGoals() {
        return new SftpWork(name, unit, amount, scripts, List.of());
    }

    /// The number that the table shows.
    double shown(double seconds) {
        return switch (unit) {
            case RATE -> amount * MIB / seconds;
            case IOPS -> amount / seconds;
            default -> seconds;
        };
    }
}
