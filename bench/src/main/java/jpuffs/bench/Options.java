// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;

/// What the command line says.
///
/// @param quick a short run on small trees, to see that everything works: its numbers mean little
/// @param rounds rounds that count; one more comes before them to warm up
/// @param only names of workloads and groups to run; all where it is empty
/// @param with names of contenders to run; all where it is empty
/// @param out the folder for tables and charts; none is written where it is empty
/// @param src the folder that holds the source; a tmpfs of its own where it is empty
record Options(
        boolean quick,
        int rounds,
        Set<String> only,
        Set<String> with,
        String out,
        String src,
        boolean jmh,
        boolean requests) {

    static final String USAGE = """
            usage: puffs bench [rump] [OPTIONS]
                   puffs bench psshfs [OPTIONS]
                   puffs bench pud [OPTIONS]
                   puffs bench images [OPTIONS]
            Compares the null file server with libfuse's passthrough_ll, bindfs and the folder itself; with "rump", ext4 on
            a disk image with the kernel's driver, fuse2fs, and passthrough_ll on a folder (as root);
            with "psshfs", it with sshfs, rclone mount and sftp; with "pud", block and character devices with their peers; with
            "images", files on disk images with mtools, debugfs, 7z and qemu-img.
              --quick            a short run, only to see that everything works
              --rounds N         rounds that count (default 7, with --quick 3)
              --only NAME,...    these workloads or groups only: metadata data clients passthrough tree light
              --with NAME,...    these contenders only: native bindfs "ll -s" ll puffs "puffs ring" ...
              --src DIR          work in a new folder of DIR (default: a tmpfs; for "rump" /var/tmp)
              --out DIR          where table and charts go (default: docs/bench/DATE; none with --quick or --only)
              --jmh              the benchmarks of the parts, too (not with rump)
              --requests         instead: count the requests each workload costs (as root; not with rump)
            """;
    private static final int ROUNDS = 7;
    private static final int QUICK_ROUNDS = 3;

    /// A command line we do not understand; the message says what.
    static final class Bad extends Exception {
        Bad(String message) {
            super(message);
        }
    }

    static Options parse(String... args) throws Bad {
        var parser = new Parser();
        for (int i = 0; i < args.length; i++) {
            if (parser.flag(args[i])) {
                continue;
            }
            if (i + 1 == args.length) {
                throw new Bad("unknown option or no value: " + args[i]);
            }
            parser.value(args[i], args[++i]);
        }
        return parser.options();
    }

    /// The same for `puffs bench rump`, with the source on a disk unless it is said where.
    ///
    /// @throws Bad with what it does not do
    Options ofImages() throws Bad {
        if (jmh || requests) {
            throw new Bad("not of puffs bench rump: --jmh, --requests");
        }
        return src.isEmpty() ? new Options(quick, rounds, only, with, out, "/var/tmp", jmh, requests) : this;
    }

    int millis() {
        return quick ? 60 : 400;
    }

    int treeFiles() {
        return quick ? 1000 : 10_000;
    }

    boolean runs(Workload workload) {
        return only.isEmpty()
                || only.contains(workload.name())
                || only.contains(workload.group().id());
    }

    /// Do we measure start and memory?
    boolean runsLight() {
        return only.isEmpty() || only.contains(Light.ID);
    }

    /// Those of `all` that shall run.
    ///
    /// @param all what can run here
    /// @throws IOException for a name that none of them has
    List<Contender> contenders(List<Contender> all) throws IOException {
        List<String> names = all.stream().map(Contender::name).toList();
        for (String name : with) {
            if (!names.contains(name)) {
                throw new IOException(
                        "no contender is called " + name + " here; there are: " + String.join(", ", names));
            }
        }
        return all.stream()
                .filter(each -> with.isEmpty() || with.contains(each.name()))
                .toList();
    }

    /// A number of rounds, from a command line.
    static int rounds(String value) throws Bad {
        if (!value.matches("[1-9]\\d{0,2}")) {
            throw new Bad("not a number of rounds: " + value);
        }
        return Integer.parseInt(value);
    }

    private static final class Parser {
        private boolean quick;
        private boolean jmh;
        private boolean requests;
        private int rounds;
        private Set<String> only = Set.of();
        private Set<String> with = Set.of();
        private String out = "";
        private String src = "";

        boolean flag(String arg) {
            switch (arg) {
                case "--quick" -> quick = true;
                case "--jmh" -> jmh = true;
                case "--requests" -> requests = true;
                default -> {
                    return false;
                }
            }
            return true;
        }

        void value(String name, String value) throws Bad {
            switch (name) {
                case "--rounds" -> rounds = Options.rounds(value);
                case "--only" -> only = names(value);
                case "--with" -> with = names(value);
                case "--out" -> out = value;
                case "--src" -> src = value;
                default -> throw new Bad("unknown option: " + name);
            }
        }

        private static Set<String> names(String value) {
            return Set.copyOf(List.of(value.split(",", -1)));
        }

        Options options() {
            int n = rounds > 0 ? rounds : quick ? QUICK_ROUNDS : ROUNDS;
            boolean whole = !quick && !requests && only.isEmpty() && with.isEmpty();
            String dir = out.isEmpty() && whole
                    ? Path.of("docs", "bench", LocalDate.now(ZoneOffset.UTC).toString())
                            .toString()
                    : out;
            return new Options(quick, n, only, with, dir, src, jmh, requests);
        }
    }
}
