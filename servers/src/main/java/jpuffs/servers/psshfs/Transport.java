// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.sys.Child;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;
import jpuffs.sys.Spawn;
import org.jspecify.annotations.Nullable;

/// How the server is reached: by a program (ssh, or another one) at the other end of a socket pair, or over TCP.
final class Transport {
    private static final int BUFFER = 1 << 20;

    private final Remote remote;
    private final Options options;
    private volatile @Nullable List<String> ciphers; // flags for ssh, once they are found

    Transport(Remote remote, Options options) {
        this.remote = remote;
        this.options = options;
    }

    /// Starts the program, or connects. Holds its thread for as long as a TCP connection takes.
    ///
    /// @param again whether nobody is there who could type a password
    Wire start(boolean again) throws IOException {
        if (isPassive()) {
            return passive(again);
        }
        String port = options.value("directport");
        if (port != null) {
            return new Wire(Socket.connect(remote.host(), Integer.parseInt(port)), null, null);
        }
        try (Socket.Pair pair = pair();
                Socket.Pair errors = Fd.pipe(0)) {
            Spawn spawn = spawn(tuned(command(again))).fd(0, pair.second()).fd(1, pair.second());
            if (!again && Complaints.areShown()) {
                return new Wire(Fd.of(pair.first().release()), spawn.start(), null);
            }
            spawn.fd(2, errors.second());
            Child child = (again ? spawn.newSession() : spawn).start();
            var complaints = new Complaints(Fd.of(errors.first().release()));
            return new Wire(Fd.of(pair.first().release()), child, complaints);
        }
    }

    /// What is started, by the name of its file.
    String program() {
        String own = options.value("command");
        if (own == null && Mina.isUsed(options)) {
            return Mina.NAME;
        }
        String path =
                words(own != null ? own : options.value("ssh_command", "ssh")).getFirst();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /// Whether further connections can be made.
    boolean canRepeat() {
        return !isPassive();
    }

    private boolean isPassive() {
        return options.flag("passive", false) || options.flag("slave", false);
    }

    /// What is started, in words.
    ///
    /// @throws ErrnoException ENOENT for `mina`, if it is not here
    List<String> command(boolean again) throws ErrnoException {
        String own = options.value("command");
        if (own != null) {
            return words(own);
        }
        boolean mina = Mina.isUsed(options);
        var words = new ArrayList<>(mina ? Mina.command() : words(options.value("ssh_command", "ssh")));
        words.addAll(List.of("-x", "-a", "-oClearAllForwardings=yes"));
        if (again) {
            words.add("-oBatchMode=yes");
        }
        add(words, "-p", options.value("port"));
        add(words, "-F", options.value("ssh_config"));
        for (String each : options.ofSsh()) {
            words.add("-o" + each);
        }
        add(words, "-l", remote.user());
        String server = options.value("sftp_server", "sftp");
        words.addAll(server.contains("/") ? List.of("--") : List.of("-s", "--"));
        words.addAll(List.of(remote.host(), server));
        return words;
    }

    /// The command, with what makes ssh fast; found out once.
    private List<String> tuned(List<String> command) {
        List<String> ssh = words(options.value("ssh_command", "ssh"));
        if (options.value("command") != null
                || Mina.isUsed(options)
                || !ssh.getLast().matches("(.*/)?ssh")) {
            return command;
        }
        List<String> found = ciphers;
        if (found == null) {
            List<String> fast = Ciphers.preferFast(command, ssh.size(), remote.host());
            found = fast.subList(ssh.size(), ssh.size() + fast.size() - command.size());
            ciphers = found;
        }
        var all = new ArrayList<>(command);
        all.addAll(ssh.size(), found);
        return all;
    }

    private static void add(List<String> words, String flag, @Nullable String value) {
        if (value != null) {
            words.addAll(List.of(flag, value));
        }
    }

    private static List<String> words(String command) {
        return List.of(command.strip().split("\\s+"));
    }

    private static Spawn spawn(List<String> words) {
        Spawn spawn = Spawn.of(words.getFirst());
        words.subList(1, words.size()).forEach(word -> spawn.arg(Name.of(word)));
        return spawn;
    }

    private static Socket.Pair pair() throws ErrnoException {
        Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM);
        for (Fd fd : List.of(pair.first(), pair.second())) {
            Socket.setOption(fd, Socket.SO_SNDBUF, BUFFER);
            Socket.setOption(fd, Socket.SO_RCVBUF, BUFFER);
        }
        return pair;
    }

    /// Standard input and output, through two programs that copy: they may be pipes, and a channel is one
    /// descriptor.
    private static Wire passive(boolean again) throws IOException {
        if (again) {
            throw Errno.ENOTCONN.error("a passive mount cannot connect again");
        }
        try (Socket.Pair pair = pair()) {
            Child in = Spawn.of("cat").fd(1, pair.second()).start();
            Spawn.of("cat").fd(0, pair.second()).start().close();
            return new Wire(Fd.of(pair.first().release()), in, null);
        }
    }
}
