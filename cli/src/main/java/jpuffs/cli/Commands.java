// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.util.ArrayList;
import java.util.List;
import jpuffs.cli.fs.FsCommand;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// The grammar of the commands for picocli, which reads their arguments and writes their help. Of `mount` it only
/// writes the help: see [MountArgs].
///
/// Specifications in code instead of annotations: so nothing must be open to reflection.
final class Commands {
    private static final int WIDTH = 100;

    private final CommandLine top;

    Commands() {
        CommandSpec puffs = spec("puffs", "Mounts file systems that are Java programs.")
                .addOption(flag("Tell the version.", "--version"))
                .addSubcommand("mount", mount())
                .addSubcommand("syspuffs", syspuffs())
                .addSubcommand("umount", umount())
                .addSubcommand("list", list())
                .addSubcommand("dev", dev())
                .addSubcommand("serve", serve())
                .addSubcommand("newfs", newfs())
                .addSubcommand("fsck", fsck())
                .addSubcommand("identify", identify())
                .addSubcommand("fs", fs())
                .addSubcommand(
                        "run", spec("run", "Runs a file server in one source file: puffs run FILE.java [ARGUMENT]..."))
                .addSubcommand("bench", spec("bench", "Compares file systems for speed (puffs bench --help)."))
                .addSubcommand("lab", spec("lab", "Tests a file server, and reports (puffs lab --help)."))
                .addSubcommand("install", spec("install", "Lets mount(8), fstab(5) and the shell find puffs."))
                .addSubcommand("uninstall", spec("uninstall", "Takes back what install did."))
                .addSubcommand("help", help());
        puffs.usageMessage().customSynopsis("puffs COMMAND [ARGUMENT]...").footer(footer("Types:", HelpText.types()));
        top = new CommandLine(puffs);
        top.setUsageHelpWidth(WIDTH);
    }

    /// Reads the arguments of the command that `args` begins with.
    ///
    /// @throws Failure if the command is unknown, or its arguments are not what it takes
    ParseResult parse(List<String> args) throws Failure {
        String name = args.getFirst();
        if (!name.startsWith("-") && !has(name)) {
            String hint = Similar.hint(name, top.getSubcommands().keySet());
            throw Failure.usage("unknown command " + name + hint + "; there are: " + names());
        }
        try {
            return top.parseArgs(args.toArray(String[]::new));
        } catch (UnmatchedArgumentException e) {
            String word = e.getUnmatched().getFirst();
            String what = e.isUnknownOption() ? "unknown option " + word : "a word too many: " + word;
            throw Failure.usage(what + see(name));
        } catch (MissingParameterException e) {
            if (args.size() == 2 && !args.getLast().startsWith("-")) {
                requireKind(name, args.getLast());
            }
            ArgSpec missing = e.getMissing().getFirst();
            String who = missing instanceof OptionSpec option ? option.longestName() : name;
            throw Failure.usage(who + " lacks its " + missing.paramLabel() + see(name));
        } catch (ParameterException e) {
            throw Failure.usage(e.getMessage() + see(name));
        }
    }

    /// Fails if a first word names none of the things that the command knows: that is wrong before all that lacks.
    private static void requireKind(String command, String word) throws Failure {
        switch (command) {
            case "serve" -> ServeCommand.requireProtocol(word);
            case "newfs", "fsck" -> {
                if (!word.equals(RumpType.AUTO)) {
                    DiskFs.type(word);
                }
            }
            default -> {}
        }
    }

    private static String see(String command) {
        return " (see: puffs help" + (command.startsWith("-") ? ")" : " " + command + ")");
    }

    /// Whether there is a command called `name`.
    boolean has(String name) {
        return top.getSubcommands().containsKey(name);
    }

    /// Their names in one line.
    String names() {
        return String.join(", ", top.getSubcommands().keySet());
    }

    /// The help for one command.
    String usage(String name) {
        CommandLine command = top.getSubcommands().get(name);
        return (command == null ? top : command).getUsageMessage(Ansi.OFF);
    }

    /// The help for all.
    String usage() {
        return top.getUsageMessage(Ansi.OFF);
    }

    private static CommandSpec mount() {
        CommandSpec mount = spec("mount", "Mounts a file server of TYPE on DIR, and returns when it answers.")
                .addPositional(word("TYPE", "0", "Which file server: " + Types.names() + "."))
                .addPositional(word("SOURCE", "1", "What it serves, if its type takes something (puffs help TYPE)."))
                .addPositional(word("DIR", "2", "Where it is mounted."))
                .addOption(options("Mount options with commas between them; \\, is a comma within a value."))
                .addOption(flag("Stay in the foreground; SIGINT and SIGTERM unmount.", "-f"))
                .addOption(flag("Tell more.", "-v"));
        mount.parser().separator(" ");
        mount.usageMessage()
                .customSynopsis("puffs mount TYPE [SOURCE] DIR [-o OPTIONS]... [-f] [-v]")
                .footer(footer("Mount options of all types:", HelpText.genericOptions()));
        return mount;
    }

    private static CommandSpec syspuffs() {
        CommandSpec syspuffs = spec("syspuffs", "Runs a file server without the kernel's FUSE, and mounts the result.")
                .addPositional(word(
                        "COMMAND", "0", "How the server would be mounted: a program, or what follows puffs mount."))
                .addOption(options("Mount options with commas between them; \\, is a comma within a value."))
                .addOption(flag("Stay in the foreground; SIGINT and SIGTERM unmount.", "-f"))
                .addOption(flag("Tell more.", "-v"));
        syspuffs.usageMessage().customSynopsis("puffs syspuffs [-o OPTIONS]... [-f] [-v] -- COMMAND [ARGUMENT]... DIR");
        return syspuffs;
    }

    private static CommandSpec umount() {
        return spec("umount", "Unmounts what puffs has mounted on DIR, even if its server is dead.")
                .addPositional(word("DIR", "0", "Where it is mounted."))
                .addOption(flag("Force: what goes on there ends with errors.", "-f"))
                .addOption(flag("Lazy: out of sight now, unmounted when the last user is gone.", "-l"));
    }

    private static CommandSpec list() {
        return spec("list", "Lists what puffs has mounted.").addOption(flag("As JSON.", "--json"));
    }

    private static CommandSpec dev() {
        CommandSpec dev = spec(
                        "dev", "Serves a device called NAME, and returns when it is there; lists or removes devices.")
                .addPositional(
                        word("TYPE", "0", "Which: " + String.join(", ", DevCommand.CHARACTER) + ", or a block device."))
                .addPositional(word("NAME", "1", "Its name below /dev, or for character devices a path."))
                .addOption(flag("Stay in the foreground; of remove: by force.", "-f"))
                .addOption(flag("Tell more.", "-v"));
        dev.usageMessage()
                .customSynopsis(
                        "puffs dev TYPE [ARGUMENT]... NAME [-f] [-v]", "puffs dev list", "puffs dev remove [-f] NAME");
        return dev;
    }

    private static CommandSpec serve() {
        CommandSpec serve = spec("serve", "Serves a block device over a network protocol, until interrupted.")
                .addPositional(word("PROTOCOL", "0", "Which protocol: nbd."))
                .addPositional(word("DEVICE", "1", "An image file, a block device, or TYPE[,OPTION...][:DEVICE]."))
                .addOption(valued("Listen on this Unix-domain socket.", "--unix", "PATH"))
                .addOption(valued("Listen on this port (default: localhost:10809).", "--tcp", "HOST:PORT"))
                .addOption(valued("The name of the export (default: none).", "--name", "NAME"))
                .addOption(flag("Refuse writes.", "--read-only"))
                .addOption(valued("Serve through TLS, with keys and certificates of DIR.", "--tls", "DIR"))
                .addOption(flag("With --tls: clients need a certificate too.", "--tls-verify-peer"))
                .addOption(flag("Have the kernel's nbd driver make a device of it.", "--attach"));
        serve.usageMessage()
                .customSynopsis(
                        "puffs serve nbd [--unix PATH | --tcp HOST:PORT] [--name NAME] [--read-only]",
                        "                [--tls DIR [--tls-verify-peer]] [--attach] DEVICE");
        return serve;
    }

    private static CommandSpec newfs() {
        CommandSpec newfs = spec("newfs", "Makes a file system of TYPE on a disk image, a block device or a partition.")
                .addPositional(word("TYPE", "0", "Which file system: " + DiskFs.names() + "."))
                .addPositional(word("IMAGE", "1", "The disk, with @pN behind it for a partition."))
                .addPositional(optionalWord("SIZE", "2", "The size of an image that is made, as in 64M or 1G."))
                .addOption(options("Options of the type with commas between them (puffs help TYPE)."))
                .addOption(valued("Fill it with a directory or a tar archive, the same each time.", "--from", "TREE"))
                .addOption(flag("Also on a whole device, or over a partition table.", "-F"));
        newfs.parser().separator(" ");
        newfs.usageMessage().customSynopsis("puffs newfs TYPE IMAGE[@pN] [SIZE] [--from TREE] [-o OPTIONS]... [-F]");
        return newfs;
    }

    private static CommandSpec fsck() {
        CommandSpec fsck = spec(
                        "fsck", "Checks a file system on a disk; exits as fsck(8): 0 clean, 1 repaired, 4 damaged.")
                .addPositional(word("TYPE", "0", "Which file system, or auto."))
                .addPositional(word("IMAGE", "1", "The disk, with @pN behind it for a partition."))
                .addOption(flag("Only look (default).", "-n"))
                .addOption(flag("Repair.", "-y"));
        fsck.usageMessage().customSynopsis("puffs fsck TYPE IMAGE[@pN] [-n | -y]");
        return fsck;
    }

    private static CommandSpec identify() {
        CommandSpec identify = spec("identify", "Tells which file system, or which partitions, are on a disk.")
                .addPositional(word("IMAGE", "0", "The disk, with @pN behind it for a partition."))
                .addOption(flag("As JSON.", "--json"));
        identify.usageMessage().customSynopsis("puffs identify IMAGE[@pN] [--json]");
        return identify;
    }

    private static CommandSpec fs() {
        CommandSpec fs = spec("fs", "Lists, copies and changes files on disk images that are not mounted.");
        fs.usageMessage()
                .customSynopsis("puffs fs TOOL [OPTION]... FILE...")
                .footer(footer("A FILE is IMAGE[@pN]:/PATH, or a path of this machine. Tools:", FsCommand.help()));
        return fs;
    }

    private static CommandSpec help() {
        return spec("help", "Tells about a command or a type.")
                .addPositional(optionalWord("TOPIC", "0", "A command or a type; without it, what there is."));
    }

    private static CommandSpec spec(String name, String description) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage()
                .description(description)
                .parameterListHeading("%n")
                .optionListHeading("%n")
                .commandListHeading("%nCommands:%n");
        return spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Tell this.")
                .build());
    }

    private static OptionSpec flag(String description, String name) {
        return OptionSpec.builder(name)
                .type(boolean.class)
                .arity("0")
                .description(description)
                .build();
    }

    private static OptionSpec valued(String description, String name, String label) {
        return OptionSpec.builder(name)
                .type(String.class)
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    private static OptionSpec options(String description) {
        return OptionSpec.builder("-o")
                .paramLabel("OPTIONS")
                .type(String[].class)
                .description(description)
                .build();
    }

    private static PositionalParamSpec optionalWord(String label, String index, String description) {
        return PositionalParamSpec.builder()
                .paramLabel(label)
                .index(index)
                .arity("0..1")
                .type(String.class)
                .description(description)
                .build();
    }

    private static PositionalParamSpec word(String label, String index, String description) {
        return PositionalParamSpec.builder()
                .paramLabel(label)
                .index(index)
                .arity("1")
                .required(true)
                .type(String.class)
                .description(description)
                .build();
    }

    private static String[] footer(String heading, List<String> lines) {
        var footer = new ArrayList<String>(List.of("", heading));
        lines.forEach(line -> footer.add(line.replace("%", "%%")));
        return footer.toArray(String[]::new);
    }
}
