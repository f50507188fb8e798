// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import jpuffs.testkit.Cases;
import jpuffs.testkit.Feature;
import org.jspecify.annotations.Nullable;

/// The command line of `puffs lab`.
///
/// @param command of the server, without a directory to mount on; `SRC` stands for a new, empty directory
/// @param cases a pattern for their names
/// @param missing what the server has not
/// @param kernel whether to run the cases on the kernel's FUSE too
/// @param text where the report goes as text; null: nowhere but standard output
/// @param html where it goes as HTML
/// @param record a folder for a journal of each case
/// @param replay a journal to say again, in place of cases
record Settings(
        List<String> command,
        String cases,
        Set<Feature> missing,
        boolean slow,
        boolean kernel,
        Faults faults,
        long seed,
        Duration timeout,
        @Nullable Path text,
        @Nullable Path html,
        @Nullable Path record,
        @Nullable Path replay) {
    static final String USAGE = """
            usage: puffs lab [OPTION]... SERVER [ARGUMENT]...
            Runs testkit's cases against a file server, and reports. SERVER is how it would be mounted, without the
            directory: a program, or what follows "puffs mount". SRC in an argument is a new empty directory.
              --case REGEX         only the cases of these names
              --slow               the slow ones as well
              --without FEATURE,.. what the server has not; an unknown one lists them
              --kernel             on the kernel's FUSE too, and compare (root)
              --text FILE, --html FILE  write the report
              --record DIR         a journal for each case: what was said on the wire
              --replay FILE        say a journal again, and tell what the server answers otherwise
              --faults FAULT,..    delay=CHANCE[:MILLIS], interrupt=CHANCE, lose=CHANCE, crash=CHANCE, per request
              --seed N             of the faults and of random cases (default: a new one, which is told)
              --timeout SECONDS    after which a server that does not answer is given up (default: 30)
            Exit status: 0, 1 if a case failed (or, with --kernel, differs), 2 for a wrong command line or a server that
            does not start.
            """;

    /// A command line that cannot be.
    static final class Bad extends Exception {
        private static final long serialVersionUID = 1L;

        Bad(String message) {
            super(message);
        }
    }

    private static final class Parser {
        private final List<String> args;
        private int at;
        private String cases = ".*";
        private final Set<Feature> missing = EnumSet.noneOf(Feature.class);
        private boolean slow;
        private boolean kernel;
        private Faults faults = Faults.NONE;
        private long seed = System.nanoTime() % 1_000_000_007;
        private int timeout = 30;
        private @Nullable Path text;
        private @Nullable Path html;
        private @Nullable Path record;
        private @Nullable Path replay;

        Parser(List<String> args) {
            this.args = args;
        }

        private String value() throws Bad {
            at++;
            if (at >= args.size()) {
                throw new Bad(args.getLast() + " lacks its value");
            }
            return args.get(at);
        }

        void option() throws Bad {
            String name = args.get(at);
            switch (name) {
                case "--case" -> cases = pattern(value());
                case "--slow" -> slow = true;
                case "--without" -> missing.addAll(features(value()));
                case "--kernel" -> kernel = true;
                case "--text" -> text = file(value());
                case "--html" -> html = file(value());
                case "--record" -> record = Path.of(value());
                case "--replay" -> replay = Path.of(value());
                case "--faults" -> faults = Faults.parse(value());
                case "--seed" -> seed = number(name, value());
                case "--timeout" -> timeout = Math.clamp(number(name, value()), 0, Integer.MAX_VALUE);
                default -> throw new Bad("unknown option " + name);
            }
            at++;
        }

        private static long number(String name, String text) throws Bad {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException _) {
                throw new Bad(name + " takes a number, not " + text);
            }
        }

        /// A pattern that some cases match.
        private static String pattern(String text) throws Bad {
            try {
                var pattern = Pattern.compile(text);
                if (Cases.all().stream()
                        .noneMatch(test -> pattern.matcher(test.name()).matches())) {
                    throw new Bad("no case is called " + text);
                }
                return text;
            } catch (PatternSyntaxException e) {
                throw new Bad("--case takes a pattern, not " + text + ": " + e.getDescription());
            }
        }

        /// A file to be written at the end, when it is too late to find that it cannot be.
        private static Path file(String name) throws Bad {
            Path file = Path.of(name);
            Path folder = file.toAbsolutePath().getParent();
            if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)) {
                String why = Files.isDirectory(file) ? "it is a directory" : "there is no such directory";
                throw new Bad("cannot write " + name + ": " + why);
            }
            return file;
        }

        private static List<Feature> features(String text) throws Bad {
            var features = new ArrayList<Feature>();
            for (String name : text.split(",", -1)) {
                try {
                    features.add(Feature.valueOf(name.toUpperCase(Locale.ROOT)));
                } catch (IllegalArgumentException _) {
                    throw new Bad("no feature is called " + name + "; there are " + List.of(Feature.values()));
                }
            }
            return features;
        }

        Settings settings() throws Bad {
            List<String> command = List.copyOf(args.subList(at, args.size()));
            if (command.isEmpty()) {
                throw new Bad("which file server?");
            }
            if (timeout < 1) {
                throw new Bad("the time-out is at least one second");
            }
            if (command.stream().noneMatch(word -> word.contains(ServerVolume.SOURCE))) {
                missing.add(Feature.PERSISTENT); // another server has none of the files
            }
            return new Settings(
                    command,
                    cases,
                    missing,
                    slow,
                    kernel,
                    faults,
                    seed,
                    Duration.ofSeconds(timeout),
                    text,
                    html,
                    record,
                    replay);
        }
    }

    /// Reads a command line: options, then the server's.
    static Settings parse(List<String> args) throws Bad {
        var parser = new Parser(args);
        try {
            while (parser.at < args.size() && args.get(parser.at).startsWith("-")) {
                if (args.get(parser.at).equals("--")) {
                    parser.at++;
                    break;
                }
                parser.option();
            }
        } catch (IllegalArgumentException e) {
            throw new Bad(String.valueOf(e.getMessage()));
        }
        return parser.settings();
    }

    /// What is run, in a line.
    String title() {
        return String.join(" ", command);
    }
}
