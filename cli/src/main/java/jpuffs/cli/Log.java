// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.sys.Sys;
import jpuffs.sys.UnixDatagram;
import org.jspecify.annotations.Nullable;

/// Where the log goes that file servers write by [System.Logger]: to standard error in the foreground, to syslog
/// (`/dev/log`, where systemd's journal listens too) from a daemon.
///
/// Nobody waits for a syslog that hangs: what it does not take at once is lost, and so is all where there is none.
/// One message is at most 4,096 bytes, and has the first lines of a stack trace.
///
/// Public for the ServiceLoader alone.
public final class Log extends System.LoggerFinder {
    private static final int LIMIT = 4096;
    private static final int FACILITY_DAEMON = 3 << 3;

    private static volatile Level threshold = Level.WARNING;
    private static volatile @Nullable UnixDatagram syslog;

    /// For the ServiceLoader.
    public Log() {}

    /// From now on this is a server.
    ///
    /// @param daemon to syslog, not to standard error
    /// @param verbose also what is only of interest to those who look for a fault
    static void start(boolean daemon, boolean verbose) throws ErrnoException {
        threshold = verbose ? Level.DEBUG : Level.INFO;
        syslog = daemon ? UnixDatagram.to(Name.of("/dev/log")) : null;
    }

    /// Logs one line of this command.
    static void log(Level level, String message) {
        if (isLogged(level)) {
            write(level, message, null);
        }
    }

    private static boolean isLogged(Level level) {
        return level != Level.OFF && level.compareTo(threshold) >= 0;
    }

    /// The JDK's own loggers only complain.
    private static boolean isLogged(String logger, Level level) {
        boolean ours = logger.startsWith("jpuffs");
        return isLogged(level) && (ours || level.compareTo(Level.WARNING) >= 0);
    }

    private static void write(Level level, String message, @Nullable Throwable thrown) {
        String text = thrown == null ? message : message + ": " + describe(thrown);
        text = text.length() > LIMIT ? text.substring(0, LIMIT) : text;
        UnixDatagram to = syslog;
        if (to == null) {
            System.err.println("puffs: " + prefix(level) + text);
            return;
        }
        String line = "<" + (FACILITY_DAEMON | severity(level)) + ">puffs[" + Sys.getpid() + "]: " + text;
        try (Arena arena = Arena.ofConfined()) {
            to.trySend(arena.allocateFrom(JAVA_BYTE, line.getBytes(UTF_8)));
        }
    }

    private static String describe(Throwable thrown) {
        if (thrown instanceof ErrnoException) {
            return String.valueOf(thrown.getMessage());
        }
        var trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return trace.toString().stripTrailing();
    }

    private static String prefix(Level level) {
        return switch (level) {
            case ERROR -> "error: ";
            case WARNING -> "warning: ";
            default -> "";
        };
    }

    /// As `sys/syslog.h` numbers them.
    private static int severity(Level level) {
        return switch (level) {
            case ERROR -> 3;
            case WARNING -> 4;
            case INFO -> 6;
            default -> 7;
        };
    }

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new Logger(name);
    }

    private record Logger(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            return isLogged(name, level);
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
            if (isLogged(name, level)) {
                write(level, text(bundle, message), thrown);
            }
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... params) {
            if (isLogged(name, level)) {
                String text = text(bundle, format);
                boolean isText = params == null || params.length == 0;
                write(level, isText ? text : new MessageFormat(text, Locale.ROOT).format(params), null);
            }
        }

        private static String text(@Nullable ResourceBundle bundle, @Nullable String message) {
            String key = String.valueOf(message);
            return bundle != null && bundle.containsKey(key) ? bundle.getString(key) : key;
        }
    }
}
