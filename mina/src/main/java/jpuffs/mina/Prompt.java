// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.apache.sshd.client.auth.keyboard.UserInteraction;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.session.SessionContext;
import org.jspecify.annotations.Nullable;

/// Asks the user: on the terminal, or by the program in SSH_ASKPASS, as ssh(1) has it; never with BatchMode.
final class Prompt implements UserInteraction, FilePasswordProvider {
    private static final File TERMINAL = new File("/dev/tty");
    private static final int LONGEST = 1024;
    private static final int ATTEMPTS = 3;

    private final String who;
    private final boolean silent;

    /// @param who the user and the server, as in `me@example.org`
    /// @param silent whether nobody is there to be asked
    Prompt(String who, boolean silent) {
        this.who = who;
        this.silent = silent;
    }

    /// The answer; null if there is none.
    private @Nullable String ask(String question, boolean echo) {
        if (silent) {
            return null;
        }
        String require = System.getenv().getOrDefault("SSH_ASKPASS_REQUIRE", "");
        boolean display = System.getenv("DISPLAY") != null || System.getenv("WAYLAND_DISPLAY") != null;
        String program = require.equals("never") ? null : System.getenv("SSH_ASKPASS");
        try {
            if (program != null && (require.equals("force") || require.equals("prefer") && display)) {
                return byProgram(program, question);
            }
            try (var in = new FileInputStream(TERMINAL);
                    var out = new FileOutputStream(TERMINAL)) {
                return onTerminal(in, out, question, echo);
            } catch (java.io.FileNotFoundException e) { // there is no terminal
                return program != null ? byProgram(program, question) : null;
            }
        } catch (IOException e) {
            Main.say("cannot ask: " + e.getMessage());
            return null;
        }
    }

    private static @Nullable String byProgram(String program, String question) throws IOException {
        Process process = new ProcessBuilder(program, question)
                .redirectInput(new File("/dev/null"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream out = process.getInputStream()) {
            String answer = new String(out.readNBytes(LONGEST), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? answer.lines().findFirst().orElse("") : null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static @Nullable String onTerminal(InputStream in, OutputStream out, String question, boolean echo)
            throws IOException {
        var show = new Thread(() -> stty("echo"));
        out.write(question.getBytes(StandardCharsets.UTF_8));
        if (!echo) {
            Runtime.getRuntime().addShutdownHook(show); // Ctrl-C
            stty("-echo");
        }
        try {
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
        } finally {
            if (!echo) {
                stty("echo");
                Runtime.getRuntime().removeShutdownHook(show);
                out.write('\n');
            }
        }
    }

    private static void stty(String mode) {
        try {
            new ProcessBuilder("stty", mode).redirectInput(TERMINAL).start().waitFor();
        } catch (IOException e) {
            Main.say("stty: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // UserInteraction

    @Override
    public boolean isInteractionAllowed(ClientSession session) {
        return !silent;
    }

    @Override
    public String @Nullable [] interactive(
            ClientSession session, String name, String instruction, String lang, String[] prompts, boolean[] echo) {
        if (!instruction.isBlank()) {
            Main.say(instruction.strip());
        }
        var answers = new String[prompts.length];
        for (int i = 0; i < prompts.length; i++) {
            answers[i] = ask("(" + who + ") " + prompts[i], echo[i]);
        }
        return Arrays.stream(answers).allMatch(Objects::nonNull) ? answers : null;
    }

    @Override
    public @Nullable String getUpdatedPassword(ClientSession session, String prompt, String lang) {
        return null; // sshd does not ask for it this way
    }

    @Override
    public @Nullable String resolveAuthPasswordAttempt(ClientSession session) {
        return ask(who + "'s password: ", false);
    }

    // FilePasswordProvider

    @Override
    public @Nullable String getPassword(SessionContext session, NamedResource file, int retry) {
        return ask("Enter passphrase for key '" + file.getName() + "': ", false);
    }

    @Override
    public ResourceDecodeResult handleDecodeAttemptResult(
            SessionContext session, NamedResource file, int retry, String password, Exception failure) {
        boolean again = failure != null && password != null && retry + 1 < ATTEMPTS;
        return again ? ResourceDecodeResult.RETRY : ResourceDecodeResult.IGNORE;
    }
}
