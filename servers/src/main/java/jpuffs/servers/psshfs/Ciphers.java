// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Which cipher ssh is to ask for first, where its user has not said so.
///
/// On a processor that computes AES, aes128-gcm takes a third of the time of ssh's own first choice,
/// chacha20-poly1305, and on a near line that is what limits (docs/notes/030-psshfs.md). Both are among the
/// defaults of OpenSSH.
final class Ciphers {
    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final int ENOUGH = 16 << 10;
    private static final long SECONDS = 5;
    private static final List<String> FAST = List.of("aes128-gcm@openssh.com", "aes256-gcm@openssh.com");

    private Ciphers() {}

    /// The same command with the fast ciphers first, if this processor is good at them and `command` would use the
    /// defaults of ssh. Holds its thread while ssh reads its configuration, twice.
    ///
    /// @param program how many words name the program
    /// @param host the server, as ssh is told
    static List<String> preferFast(List<String> command, int program, String host) {
        try {
            if (!computesAes(head(CPU))) {
                return command;
            }
            List<String> ssh = command.subList(0, program);
            String usual = configured(with(ssh, List.of("-F", "none", "-G", "--", host), List.of()));
            String here = configured(with(ssh, List.of("-G"), command.subList(program, command.size())));
            if (!here.equals(usual) || !usual.contains(FAST.getFirst())) {
                return command;
            }
            return with(ssh, List.of("-oCiphers=" + reordered(usual)), command.subList(program, command.size()));
        } catch (IOException e) {
            Psshfs.LOG.log(Level.DEBUG, "the ciphers of ssh", e);
            return command;
        }
    }

    /// Whether there is an instruction for AES, from the text of `/proc/cpuinfo`.
    static boolean computesAes(String cpu) {
        return cpu.lines()
                .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                .anyMatch(line -> List.of(line.split("\\s+")).contains("aes"));
    }

    /// The list of ssh with the fast ones at its start.
    static String reordered(String usual) {
        Set<String> all = new LinkedHashSet<>(List.of(usual.split(",")));
        var order = new LinkedHashSet<>(FAST);
        order.retainAll(all);
        order.addAll(all);
        return String.join(",", order);
    }

    private static List<String> with(List<String> ssh, List<String> added, List<String> rest) {
        var words = new ArrayList<>(ssh);
        words.addAll(added);
        words.addAll(rest);
        return words;
    }

    private static String head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(ENOUGH), StandardCharsets.ISO_8859_1);
        }
    }

    /// What `ssh -G` says of its ciphers.
    private static String configured(List<String> command) throws IOException {
        Process ssh = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            ssh.getOutputStream().close();
            if (!ssh.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("ssh -G takes too long");
            }
            String text = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> line.startsWith("ciphers "))
                    .findFirst()
                    .orElseThrow(() -> new IOException("ssh -G tells no ciphers"))
                    .substring("ciphers ".length());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            ssh.destroyForcibly();
        }
    }
}
