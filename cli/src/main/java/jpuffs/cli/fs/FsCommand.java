// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// `puffs fs TOOL`.
public final class FsCommand {
    private static final long STACK = 64 << 20;

    /// As of the other commands.
    private static final int INTERRUPTED = 8;

    private FsCommand() {}

    /// How each tool is called, a line each.
    public static List<String> help() {
        return Arrays.stream(Tool.values()).map(tool -> "  " + tool.synopsis()).toList();
    }

    /// Runs a tool.
    ///
    /// @param words its name, options and operands
    /// @return the exit code: 0; 1 if something failed, which was said on `err`, or the words are wrong; of
    ///     `ls` 2 if an operand cannot be had; of `diff` 1 if files differ; of `diff` and `tar` 2 if something
    ///     failed
    public static int run(List<String> words, Servers servers, InputStream in, PrintStream out, PrintStream err) {
        String name = words.isEmpty() ? "" : words.getFirst();
        Tool tool = Tool.named(name);
        if (tool == null) {
            err.println("puffs: " + (name.isEmpty() ? "which tool?" : "fs has no tool " + Line.of(name) + ";")
                    + " there are: " + String.join(", ", Tool.names()));
            return 1;
        }
        return onDeepStack(() -> {
            try {
                return run(tool, words.subList(1, words.size()), servers, in, out, err);
            } catch (UsageException e) {
                err.println(name + ": " + Line.of(String.valueOf(e.getMessage())));
                err.println("Usage: puffs fs " + tool.synopsis());
                return tool.trouble();
            }
        });
    }

    /// A tree may be as deep as there are descriptors, and the stack of the command's own thread is small. What is
    /// not used of this one costs nothing.
    private static int onDeepStack(Callable<Integer> work) {
        var task = new FutureTask<>(work);
        Thread thread = new Thread(null, task, "puffs fs", STACK);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            thread.interrupt();
            return INTERRUPTED;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Error error -> throw error;
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private static int run(
            Tool tool, List<String> words, Servers servers, InputStream in, PrintStream out, PrintStream err)
            throws UsageException {
        Options options = tool.parse(words);
        List<String> operands = tool.files(options);
        var context = new Context(tool, options, in, out, err);
        try (var volumes = new Volumes(servers)) {
            var places = new ArrayList<Place>();
            for (int i = 0; i < operands.size(); i++) {
                Operand operand = Operand.parse(operands.get(i));
                if (tool.writes(options, i, operands.size())) {
                    volumes.willWrite(operand);
                }
            }
            for (String word : operands) {
                places.addAll(Glob.expand(volumes.place(Operand.parse(word))));
            }
            tool.run(context, places);
        } catch (IOException e) {
            context.complain(reason(e));
        }
        return context.end();
    }

    /// What failed, in one line: the text that came with it, or that of strerror(3).
    static String reason(IOException e) {
        if (e instanceof ErrnoException errno) {
            return errno.reason();
        }
        String text = Context.text(e);
        @Nullable String message = e.getMessage();
        return message == null ? text : message + ": " + text;
    }
}
