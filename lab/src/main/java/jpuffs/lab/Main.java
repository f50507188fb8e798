// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.LogManager;
import jpuffs.core.Errno;
import org.jspecify.annotations.Nullable;

/// `puffs lab`: see [Settings#USAGE].
public final class Main {
    private Main() {}

    /// Runs it and exits.
    public static void main(String[] args) {
        System.exit(run(List.of(args), System.out, System.err));
    }

    /// Runs it.
    ///
    /// @return the exit status: 0; 1 if the server has failed; 2 if the command line is wrong or a file cannot
    ///     be written
    public static int run(List<String> args, PrintStream out, PrintStream err) {
        if (args.isEmpty()
                || args.getFirst().equals("--help")
                || args.getFirst().equals("-h")) {
            out.print(Settings.USAGE);
            return args.isEmpty() ? 2 : 0;
        }
        try {
            return run(Settings.parse(args), out, err);
        } catch (Settings.Bad e) {
            err.println("puffs lab: " + e.getMessage() + " (see: puffs lab --help)");
        } catch (FileSystemException e) {
            err.println("puffs lab: " + Errno.of(e).text(e));
        } catch (IOException | InterruptedException e) {
            err.println("puffs lab: " + e.getMessage());
        }
        return 2;
    }

    private static int run(Settings settings, PrintStream out, PrintStream err)
            throws IOException, InterruptedException {
        Path replay = settings.replay();
        if (replay != null) {
            return Replay.run(settings, Journal.read(replay), out);
        }
        System.setProperty("jpuffs.seed", Long.toString(settings.seed()));
        LogManager.getLogManager().reset(); // what servers do wrong is in the report
        ServerVolume.tryOut(settings);
        var conformance = new Conformance(settings, err);
        err.println("puffs lab: seed " + settings.seed());
        var ours = conformance.onSyspuffs();
        List<Outcome> kernel = settings.kernel() ? conformance.onKernel() : List.of();
        var report = new Report(settings, ours, kernel, conformance.counters());
        out.print(report.text());
        write(settings.text(), report.text());
        write(settings.html(), report.html());
        return report.status();
    }

    private static void write(@Nullable Path file, String text) throws IOException {
        if (file != null) {
            Files.writeString(file, text);
        }
    }
}
