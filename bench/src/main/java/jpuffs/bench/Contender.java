// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A way to get at the files of a folder: the folder itself, a peer, or one of ours.
///
/// @param name how tables call it
/// @param ours whether it is held to goals
/// @param rings whether it takes requests by io_uring
/// @param modes the modes it takes part in, and its mount options there
/// @param command how it is started, in the foreground
record Contender(String name, boolean ours, boolean rings, Map<Mode, String> modes, Command command) {
    /// Gives the command that serves `source` on `dir` until it is unmounted; an empty one needs no server.
    interface Command {
        List<String> of(Path source, Path dir, String options);
    }

    private static final String FOR_ALL = (Workbench.isRoot() ? "allow_other," : "") + "default_permissions";

    /// The folder itself.
    static Contender folder() {
        return new Contender(
                "native",
                false,
                false,
                Map.of(Mode.UNCACHED, "", Mode.PASSTHROUGH, "", Mode.DEFAULT, ""),
                (_, _, _) -> List.of());
    }

    /// Debian's bindfs. It cannot be told to leave file data uncached.
    static Contender bindfs() {
        return new Contender(
                "bindfs",
                false,
                false,
                Map.of(Mode.UNCACHED, "attr_timeout=0,entry_timeout=0,negative_timeout=0", Mode.DEFAULT, FOR_ALL),
                (source, dir, options) -> List.of("bindfs", "-f", "-o", options, source.toString(), dir.toString()));
    }

    /// libfuse's passthrough_ll, with one thread or as many as it likes.
    static Contender passthroughLl(Path program, boolean oneThread) {
        return new Contender(
                oneThread ? "ll -s" : "ll",
                false,
                false,
                Map.of(Mode.UNCACHED, FOR_ALL + ",cache=never,timeout=0", Mode.DEFAULT, FOR_ALL, Mode.IMAGE, FOR_ALL),
                passthrough(program, oneThread ? List.of("-s") : List.of()));
    }

    /// The same beside file systems on images, with extended attributes, which it leaves out unless told to: then
    /// it has the work that ours have.
    static Contender passthroughLlWithXattrs(Path program) {
        var modes = Map.of(Mode.IMAGE, FOR_ALL + ",xattr");
        return new Contender("ll xattr", false, false, modes, passthrough(program, List.of()));
    }

    private static Command passthrough(Path program, List<String> threads) {
        return (source, dir, options) -> {
            String all = options + ",source=" + source;
            var words = Stream.of(List.of(program.toString(), "-f", "-o", all, dir.toString()), threads);
            return words.flatMap(List::stream).toList();
        };
    }

    /// Our null file server. All names of its options are here and in [#puffsWithoutXattrs].
    static Contender puffs(Path home, boolean rings) {
        String all = transport(rings);
        String uncached = ",attr_timeout=0,entry_timeout=0,negative_timeout=0,direct_io,nopassthrough";
        var modes = Map.of(Mode.UNCACHED, all + uncached, Mode.PASSTHROUGH, all + ",passthrough", Mode.DEFAULT, all);
        return new Contender(rings ? "puffs ring" : "puffs", true, rings, modes, mount(home));
    }

    /// The same without extended attributes, as passthrough_ll is.
    static Contender puffsWithoutXattrs(Path home, boolean rings) {
        var modes = Map.of(Mode.DEFAULT, transport(rings) + ",noxattr");
        return new Contender(rings ? "puffs ring noxattr" : "puffs noxattr", true, rings, modes, mount(home));
    }

    private static String transport(boolean rings) {
        return FOR_ALL + (rings ? ",io_uring" : ",no_io_uring");
    }

    private static Command mount(Path home) {
        String puffs = home.resolve("puffs").toString();
        return (source, dir, options) ->
                List.of(puffs, "mount", "-f", "null", source.toString(), dir.toString(), "-o", options);
    }

    boolean in(Mode mode) {
        return modes.containsKey(mode);
    }

    /// What serves the source on the folder in a mode it takes part in.
    List<String> serve(Mode mode, Path source, Path dir) {
        return command.of(source, dir, modes.getOrDefault(mode, ""));
    }

    @Override
    public String toString() {
        return name;
    }
}
