// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.sys.Sys;
import picocli.CommandLine.ParseResult;

/// All commands but `mount` and `bench`: read by [Commands], and run here.
final class General {
    private General() {}

    /// Runs a command.
    ///
    /// @param args the name of the command and what follows it; nothing at all is a usage error
    /// @return the exit code
    static int run(List<String> args, PrintStream out) throws Failure, IOException, InterruptedException {
        var commands = new Commands();
        if (args.isEmpty()) {
            throw Failure.usage("which command? " + commands.names() + " (see: puffs help)");
        }
        try {
            return run(commands, args, out);
        } catch (Failure e) {
            throw args.getFirst().equals("fsck") && e.code() == ExitCode.USAGE ? FsckCommand.usage(e) : e;
        }
    }

    private static int run(Commands commands, List<String> args, PrintStream out)
            throws Failure, IOException, InterruptedException {
        ParseResult top = commands.parse(args);
        ParseResult command = top.subcommand();
        if (command == null) {
            out.print(top.hasMatchedOption("--version") ? version() : commands.usage());
        } else if (command.isUsageHelpRequested()) {
            out.print(commands.usage(command.commandSpec().name()));
        } else {
            return run(commands, command, out);
        }
        return ExitCode.OK;
    }

    private static int run(Commands commands, ParseResult command, PrintStream out)
            throws Failure, IOException, InterruptedException {
        String name = command.commandSpec().name();
        switch (name) {
            case "umount" ->
                UmountCommand.run(
                        command.matchedPositionalValue(0, ""),
                        command.hasMatchedOption("-f"),
                        command.hasMatchedOption("-l"));
            case "list" -> ListCommand.run(command.hasMatchedOption("--json"), out);
            case "serve" ->
                ServeCommand.run(
                        command.matchedPositionalValue(0, ""),
                        new ServeCommand.Settings(
                                command.matchedOptionValue("--unix", null),
                                command.matchedOptionValue("--tcp", null),
                                command.hasMatchedOption("--read-only"),
                                command.matchedOptionValue("--name", ""),
                                command.matchedPositionalValue(1, ""),
                                command.matchedOptionValue("--tls", null),
                                command.hasMatchedOption("--tls-verify-peer"),
                                command.hasMatchedOption("--attach")),
                        out);
            case "newfs" ->
                NewfsCommand.run(new NewfsCommand.Settings(
                                command.matchedPositionalValue(0, ""),
                                command.matchedPositionalValue(1, ""),
                                command.matchedPositionalValue(2, ""),
                                options(command),
                                command.hasMatchedOption("-F"),
                                command.matchedOptionValue("--from", ""),
                                System.getenv("SOURCE_DATE_EPOCH")))
                        .forEach(note -> Log.log(System.Logger.Level.WARNING, note));
            case "fsck" -> {
                if (command.hasMatchedOption("-n") && command.hasMatchedOption("-y")) {
                    throw Failure.usage("-n and -y contradict each other (see: puffs help fsck)");
                }
                return FsckCommand.run(
                        command.matchedPositionalValue(0, ""),
                        command.matchedPositionalValue(1, ""),
                        command.hasMatchedOption("-y"),
                        out);
            }
            case "identify" -> {
                return IdentifyCommand.run(
                        command.matchedPositionalValue(0, ""), command.hasMatchedOption("--json"), out);
            }
            case "help" -> help(commands, command.matchedPositionalValue(0, ""), out);
            default -> throw Failure.usage("it is the script puffs that does " + name + ", not the class in it");
        }
        return ExitCode.OK;
    }

    private static List<Opt> options(ParseResult command) throws Failure {
        var options = new ArrayList<Opt>();
        for (String list : command.matchedOptionValue("-o", new String[0])) {
            options.addAll(Opt.parse(list));
        }
        return options;
    }

    private static void help(Commands commands, String topic, PrintStream out) throws Failure {
        FileServerType type = Types.find(topic);
        if (topic.isEmpty()) {
            out.print(commands.usage());
        } else if (commands.has(topic)) {
            out.print(commands.usage(topic));
        } else if (type != null) {
            HelpText.type(type).forEach(out::println);
        } else {
            String known = "commands " + commands.names() + "; types " + Types.names();
            throw Failure.usage("no help on " + topic + "; there is some on the " + known);
        }
    }

    private static String version() throws IOException {
        try (InputStream in = General.class.getResourceAsStream("version.txt")) {
            if (in == null) {
                throw Errno.ENOENT.error("version.txt is not in the jar");
            }
            String version = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            return "puffs " + version + " (Java " + Runtime.version() + ", Linux " + Sys.kernelRelease() + ")\n";
        }
    }
}
