// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
    /// The flags of sshfs and NetBSD's mount_psshfs that have a value, as options.
    private static final Map<Character, String> OPTIONS =
            Map.of('p', "port", 'F', "ssh_config", 'c', "max_conns", 't', "dcache_timeout");

    /// Those that there are not, with what to do.
    private static final Map<Character, String> REFUSED = Map.of(
            '1', "there is no version 1 of SSH any more",
            'd', "use -f -o dump",
            'e', "handles that outlive the server cannot be had over SFTP",
            'g', "use -o idmap=user, or idmap=file",
            'O', "keywords of ssh_config(5) are options, as in: -o ServerAliveInterval=5",
            'r', "reads are bounded by memory, not by their number",
            's', "leave it out: a mount is served in turn as it is; to stay in the foreground use -f",
            'u', "use -o idmap=user, or idmap=file");

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
            if (flag == 'f' || flag == 'v') {
                flags.append(flag);
            } else if (flag == 'C') {
                options.add(new Opt("Compression", "yes"));
            } else if (flag == 'o' || OPTIONS.containsKey(flag)) {
                options.addAll(valued(flag, arg.substring(i + 1), rest));
                return;
            } else {
                String reason = REFUSED.get(flag);
                throw Failure.usage(
                        reason == null
                                ? "unknown option " + arg + " of mount (see: puffs help mount)"
                                : "option -" + flag + " cannot be had: " + reason);
            }
        }
    }

    /// What a flag with a value means.
    ///
    /// @param attached what stands behind it in the same word; if that is nothing the value is the next word
    private static List<Opt> valued(char flag, String attached, Iterator<String> rest) throws Failure {
        if (attached.isEmpty() && !rest.hasNext()) {
            throw Failure.usage(
                    "-" + flag + (flag == 'o' ? " lacks its options, as in: -o ro,noexec" : " lacks its value"));
        }
        String value = attached.isEmpty() ? rest.next() : attached;
        return flag == 'o' ? Opt.parse(value) : List.of(new Opt(String.valueOf(OPTIONS.get(flag)), value));
    }

    private static MountArgs of(List<String> words, List<Opt> options, StringBuilder flags) throws Failure {
        if (words.isEmpty()) {
            throw Failure.usage("mount lacks a TYPE: " + Types.names() + " (see: puffs help mount)");
        }
        if (words.size() == 1) {
            if (!words.getFirst().equals(RumpType.AUTO)) {
                Types.get(words.getFirst());
            }
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
