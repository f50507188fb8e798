// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.syspuffs.Caching;
import jpuffs.syspuffs.SysPuffs;

/// `puffs syspuffs`: a file server on the kernel half of the FUSE wire, and the result mounted through p2k: what
/// NetBSD calls puffs on puffs.
final class SyspuffsCommand {
    private SyspuffsCommand() {}

    /// @param words what follows `syspuffs`
    static void run(List<String> words, Ready ready, PrintStream err)
            throws Failure, IOException, InterruptedException {
        int end = words.indexOf("--");
        if (end < 0) {
            throw Failure.usage("syspuffs lacks a -- before the command line of the server: "
                    + "puffs syspuffs [-o OPTIONS]... [-f] [-v] -- COMMAND [ARGUMENT]... DIR");
        }
        ServerCommand command = ServerCommand.parse(words.subList(end + 1, words.size()));
        var own = new ArrayList<>(words.subList(0, end));
        own.addAll(List.of("--", Type.NAME, command.source(), command.dir()));
        MountCommand.run(MountArgs.parse(own), new Type(command), ready, err);
    }

    /// The server as a type, for what all mounts have in common.
    ///
    /// @param command of the server
    private record Type(ServerCommand command) implements FileServerType {
        static final String NAME = "syspuffs";

        private static final int MAX_CACHE = 1 << 30;
        private static final int MAX_READAHEAD = 1 << 20;

        private static final TypeOption MOUNTNS = new TypeOption(
                "mountns",
                null,
                "run the program in a mount namespace with a directory to mount on; default for bindfs, fuse2fs");
        private static final TypeOption PAGECACHE =
                new TypeOption("pagecache", "BYTES", "the content of files that is kept, as in 64m; default: 0");
        private static final TypeOption READAHEAD =
                new TypeOption("readahead", "BYTES", "read so much more where reading goes on; default: 128k");
        private static final TypeOption WRITEBACK =
                new TypeOption("writeback", null, "with pagecache, writes are sent later; default: nowriteback");

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String subtype() {
            return "p2k|puffs|" + command.name();
        }

        @Override
        public String summary() {
            return "a file server without the kernel's FUSE";
        }

        @Override
        public Source source() {
            return Source.NAME;
        }

        @Override
        public List<TypeOption> options() {
            return List.of(MOUNTNS, PAGECACHE, READAHEAD, WRITEBACK);
        }

        /// The kernel half keeps names and attributes for as long as the server says.
        @Override
        public MountOptions defaults(MountOptions base) {
            return base.withEntryTtl(Duration.ZERO)
                    .withNegativeTtl(Duration.ZERO)
                    .withAttrTtl(Duration.ZERO);
        }

        @Override
        public FileSystem open(String source, Path dir, TypeOptions options) throws IOException, Failure {
            var caching = new Caching(
                    bytes(options, PAGECACHE, 0, MAX_CACHE),
                    bytes(options, READAHEAD, 128 << 10, MAX_READAHEAD),
                    options.flag(WRITEBACK, false));
            return command.open(
                    dir, options.flag(MOUNTNS, false), end -> SysPuffs.attach(end, SysPuffs.TIMEOUT, caching));
        }

        private static int bytes(TypeOptions options, TypeOption option, int otherwise, int most) throws Failure {
            String value = options.value(option);
            return value == null ? otherwise : Values.bytes(option.name(), value, 0, most);
        }
    }
}
