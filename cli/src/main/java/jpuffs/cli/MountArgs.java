// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The command line behind `puffs mount`, as it was typed.
///
/// Read by hand: the general parser the other commands use takes 60 ms more at start, which each mount would pay
/// (docs/notes/008-cli.md).
///
/// @param type the name of a [FileServerType], which may not exist
/// @param source SOURCE, null if there was none
/// @param dir DIR
/// @param options all of `-o` in their order
/// @param foreground `-f`
/// @param verbose `-v`
record MountArgs(
        String type, @Nullable String source, String dir, List<Opt> options, boolean foreground, boolean verbose) {
    /// @throws Failure if an option is unknown or lacks its value, or there are too few or too many words
    static MountArgs parse(List<String> args) throws Failure {
        var words = new ArrayList<String>();
        var options = new ArrayList<Opt>();
        var flags = new StringBuilder();
        for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
            String arg = rest.next();
            if (arg.equals("--")) {
                rest.forEachRemaining(words::add);
            } else if (arg.startsWith("-") && arg.length() > 1) {
                flags(arg, rest, flags, options);
            } else {
                words.add(arg);
            }
        }
        return of(words, options, flags);
    }

    /// Takes one argument of flags, such as `-f`, `-fv`, `-oro` or `-fo` with what follows it.
    private static void flags(String arg, Iterator<String> rest, StringBuilder flags, List<Opt> options)
            throws Failure {
        for (int i = 1; i < arg.length(); i++) {
            char flag = arg.charAt(i);
            if (flag == 'o') {
                if (i + 1 == arg.length() && !rest.hasNext()) {
                    throw Failure.usage("-o lacks its options, as in: -o ro,noexec");
                }
                options.addAll(Opt.parse(i + 1 < arg.length() ? arg.substring(i + 1) : rest.next()));
                return;
            }
            if (flag != 'f' && flag != 'v') {
                throw Failure.usage("unknown option " + arg + " of mount (see: puffs help mount)");
            }
            flags.append(flag);
        }
    }

    private static MountArgs of(List<String> words, List<Opt> options, StringBuilder flags) throws Failure {
        if (words.isEmpty()) {
            throw Failure.usage("mount lacks a TYPE: " + Types.names() + " (see: puffs help mount)");
        }
        if (words.size() == 1) {
            throw Failure.usage("mount lacks the DIR to mount on: puffs mount " + words.getFirst() + " DIR");
        }
        if (words.size() > 3) {
            throw Failure.usage("mount has one word too many: " + words.get(3) + " (see: puffs help mount)");
        }
        String source = words.size() == 3 ? words.get(1) : null;
        boolean foreground = flags.indexOf("f") >= 0;
        boolean verbose = flags.indexOf("v") >= 0;
        return new MountArgs(words.getFirst(), source, words.getLast(), List.copyOf(options), foreground, verbose);
    }
}
