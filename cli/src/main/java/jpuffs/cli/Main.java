// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import jpuffs.cli.fs.FsCommand;

/// The `puffs` command. Users start it by the script `puffs`, which gives the JVM its flags.
public final class Main {
    private Main() {}

    /// Runs a command and exits.
    public static void main(String[] args) {
        System.exit(run(args, System.out, System.err));
    }

    /// Runs a command.
    ///
    /// @return the exit status: 0, or as mount(8) has it 1 (command line or permission), 2 (system), 4 (a bug),
    ///     8 (interrupted), 32 (mount failure); then one line on `err` says what is wrong
    public static int run(String[] args, PrintStream out, PrintStream err) {
        Ready ready = Ready.fromProperty();
        int code = run(Arrays.asList(args), ready, out, err);
        if (code != ExitCode.OK) {
            ready.fail(code);
        }
        return code;
    }

    private static int run(List<String> args, Ready ready, PrintStream out, PrintStream err) {
        try {
            if (is("mount", args)) {
                MountCommand.run(args.subList(1, args.size()), ready, err);
                return ExitCode.OK;
            }
            if (is("syspuffs", args)) {
                SyspuffsCommand.run(args.subList(1, args.size()), ready, err);
                return ExitCode.OK;
            }
            if (is("dev", args)) {
                DevCommand.run(args.subList(1, args.size()), ready, out);
                return ExitCode.OK;
            }
            if (!args.isEmpty() && args.getFirst().equals("fs") && !args.contains("--help")) { // -h is an option there
                return FsCommand.run(args.subList(1, args.size()), ServerCommand::open, System.in, out, err);
            }
            return General.run(args, out);
        } catch (Failure e) {
            err.println("puffs: " + e.text());
            return e.code();
        } catch (IOException e) {
            err.println("puffs: " + Reason.of(e));
            return ExitCode.SYSTEM;
        } catch (InterruptedException _) {
            err.println("puffs: interrupted");
            return ExitCode.INTERRUPTED;
        } catch (RuntimeException | Error e) {
            err.println("puffs: a bug of puffs: " + e);
            e.printStackTrace(err);
            return ExitCode.INTERNAL;
        }
    }

    /// A command that may become a daemon, and is not asked for its help.
    private static boolean is(String command, List<String> args) {
        int end = args.contains("--") ? args.indexOf("--") : args.size(); // what follows is not for us
        List<String> own = args.subList(0, end);
        return !own.isEmpty() && own.getFirst().equals(command) && !own.contains("--help") && !own.contains("-h");
    }
}
