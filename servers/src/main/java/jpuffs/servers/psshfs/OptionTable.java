// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// All options of psshfs. The names are those of sshfs where it has the same.
public final class OptionTable {
    private static final String SECONDS = "SECONDS";
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,9}(\\.\\d{1,9})?");
    private static final Pattern COUNT = Pattern.compile("\\d{1,9}");

    /// One option.
    ///
    /// @param param what its value is, null for a flag
    /// @param help one line; for one that cannot be had, why
    /// @param kind what is taken for a value
    public record Row(String name, @Nullable String param, String help, Kind kind) {}

    /// What is taken for a value.
    public enum Kind {
        FLAG,
        TEXT,
        COUNT,
        SECONDS,
        YES_OR_NO,
        /// Taken, since the command lines of others have it, and without effect.
        IGNORED,
        REFUSED
    }

    private static Row row(String name, @Nullable String param, Kind kind, String help) {
        return new Row(name, param, help, kind);
    }

    private static final List<Row> ROWS = List.of(
            row("port", "N", Kind.COUNT, "the port of the server's sshd"),
            row("ssh_config", "FILE", Kind.TEXT, "in place of ~/.ssh/config"),
            row("ssh_command", "COMMAND", Kind.TEXT, "in place of ssh; words are split at blanks"),
            row("mina", null, Kind.FLAG, "the ssh in Java that is used where there is no ssh"),
            row("sftp_server", "NAME", Kind.TEXT, "the subsystem, or with a / the program, to ask the server for"),
            row("command", "COMMAND", Kind.TEXT, "talk to this program on this machine: no ssh"),
            row("directport", "PORT", Kind.COUNT, "talk SFTP to this TCP port of the host: no ssh, no encryption"),
            row("passive", null, Kind.FLAG, "talk SFTP on standard input and output; with -f"),
            row("slave", null, Kind.FLAG, "as passive"),
            row("password_stdin", null, Kind.REFUSED, "use SSH_ASKPASS, or a key and ssh-agent"),
            row("ssh_protocol", "2", Kind.TEXT, "there is no other"),
            row("vsock", "CID:PORT", Kind.REFUSED, "use command=, with a program that connects"),
            row(
                    "max_conns",
                    "N",
                    Kind.COUNT,
                    "connections at most; default 4, made one by one while they do not fill the line"),
            row("delay_connect", null, Kind.REFUSED, "what is wrong is to be told at once; use x-systemd.automount"),
            row("reconnect", null, Kind.FLAG, "make a lost connection again; default"),
            row("timeout", SECONDS, Kind.SECONDS, "a server silent for so long is given up; default 20"),
            row("wait", SECONDS, Kind.SECONDS, "how long operations wait for a connection; default 60, -1 for ever"),
            row("cache", "yes|no", Kind.YES_OR_NO, "keep attributes, listings and targets of links; default yes"),
            row("dir_cache", "yes|no", Kind.YES_OR_NO, "as cache"),
            row("dcache_timeout", SECONDS, Kind.SECONDS, "how long they are believed; default 20, -1 for ever"),
            row("dcache_stat_timeout", SECONDS, Kind.SECONDS, "the same for attributes"),
            row("dcache_dir_timeout", SECONDS, Kind.SECONDS, "the same for listings"),
            row("dcache_link_timeout", SECONDS, Kind.SECONDS, "the same for targets of links"),
            row("cache_timeout", SECONDS, Kind.SECONDS, "as dcache_timeout"),
            row("cache_stat_timeout", SECONDS, Kind.SECONDS, "as dcache_stat_timeout"),
            row("cache_dir_timeout", SECONDS, Kind.SECONDS, "as dcache_dir_timeout"),
            row("cache_link_timeout", SECONDS, Kind.SECONDS, "as dcache_link_timeout"),
            row("dcache_max_size", "N", Kind.COUNT, "names kept in listings; default 200000"),
            row("dcache_clean_interval", SECONDS, Kind.IGNORED, "nothing needs cleaning"),
            row("dcache_min_clean_interval", SECONDS, Kind.IGNORED, "nothing needs cleaning"),
            row("idmap", "HOW", Kind.TEXT, "owners: none, user, file or name; default none"),
            row("uidfile", "FILE", Kind.TEXT, "lines of localuser:remoteuid, for idmap=file"),
            row("gidfile", "FILE", Kind.TEXT, "lines of localgroup:remotegid, for idmap=file"),
            row("nomap", "HOW", Kind.TEXT, "owners not in these files: ignore (keep) or error; default error"),
            row("contain_symlinks", null, Kind.FLAG, "refuse links that lead out of the mount; default"),
            row("no_contain_symlinks", null, Kind.FLAG, "show links as they are"),
            row("transform_symlinks", null, Kind.FLAG, "make absolute links into the mounted directory relative"),
            row("follow_symlinks", null, Kind.FLAG, "show what links lead to, on the server, in their place"),
            row("disable_hardlink", null, Kind.FLAG, "link(2) fails"),
            row("sshfs_sync", null, Kind.FLAG, "each write waits for the server"),
            row("async_create", null, Kind.FLAG, "creating waits for nothing: errors come at close or fsync"),
            row("no_readahead", null, Kind.FLAG, "read nothing that was not asked for"),
            row("sync_readdir", null, Kind.IGNORED, "listings are always whole"),
            row("sync_read", null, Kind.FLAG, "as no_readahead"),
            row("no_check_root", null, Kind.IGNORED, "the directory is always looked at: it costs nothing"),
            row("workaround", "LIST", Kind.TEXT, "rename: delete what is in the way of a rename, not at once"),
            row("no_rofd_flush", null, Kind.IGNORED, "closing what was only read costs nothing"),
            row("noauto_cache", null, Kind.REFUSED, "what has changed on the server is always read again"),
            row("modules", "LIST", Kind.REFUSED, "there are none; the source names the directory"),
            row("sshfs_debug", null, Kind.REFUSED, "use dump"));

    /// The keywords of ssh_config(5) that may stand in the list of options; the case of letters does not matter.
    private static final Set<String> SSH = ssh("AddKeysToAgent AddressFamily BatchMode BindAddress BindInterface"
            + " CanonicalDomains CanonicalizeFallbackLocal CanonicalizeHostname CanonicalizeMaxDots"
            + " CanonicalizePermittedCNAMEs CASignatureAlgorithms CertificateFile ChallengeResponseAuthentication"
            + " CheckHostIP Cipher Ciphers Compression CompressionLevel ConnectionAttempts ConnectTimeout"
            + " ControlMaster ControlPath ControlPersist FingerprintHash GlobalKnownHostsFile"
            + " GSSAPIAuthentication GSSAPIDelegateCredentials HashKnownHosts HostbasedAuthentication"
            + " HostKeyAlgorithms HostKeyAlias HostName IdentitiesOnly IdentityAgent IdentityFile IPQoS"
            + " KbdInteractiveAuthentication KbdInteractiveDevices KexAlgorithms KnownHostsCommand LogLevel MACs"
            + " NoHostAuthenticationForLocalhost NumberOfPasswordPrompts PasswordAuthentication PKCS11Provider"
            + " PreferredAuthentications ProxyCommand ProxyJump ProxyUseFdpass PubkeyAcceptedAlgorithms"
            + " PubkeyAuthentication RekeyLimit RequiredRSASize RevokedHostKeys SecurityKeyProvider"
            + " ServerAliveCountMax ServerAliveInterval SetEnv SendEnv StrictHostKeyChecking TCPKeepAlive"
            + " UpdateHostKeys UserKnownHostsFile VerifyHostKeyDNS");

    private OptionTable() {}

    private static Set<String> ssh(String names) {
        var all = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        all.addAll(List.of(names.split(" ")));
        return all;
    }

    /// All of psshfs' own.
    public static List<Row> rows() {
        return ROWS;
    }

    /// Whether it is a keyword of ssh_config(5) that is passed on to ssh.
    public static boolean isSsh(String name) {
        return SSH.contains(name);
    }

    /// @throws IllegalArgumentException with the reason
    static void check(String name, String value) {
        if (isSsh(name)) {
            if (value.isEmpty() || value.chars().anyMatch(c -> c < ' ')) {
                throw new IllegalArgumentException("option " + name + " of ssh lacks its value");
            }
            return;
        }
        for (Row row : ROWS) {
            if (row.name.equals(name)) {
                check(row, value);
                return;
            }
        }
        throw new IllegalArgumentException("unknown option " + name);
    }

    private static void check(Row row, String value) {
        boolean good = switch (row.kind) {
            case FLAG, IGNORED -> true;
            case TEXT -> !value.isEmpty() && isChoice(row.name, value);
            case COUNT -> COUNT.matcher(value).matches() && isInRange(row.name, Integer.parseInt(value));
            case SECONDS -> NUMBER.matcher(value).matches();
            case YES_OR_NO -> Options.isYesOrNo(value);
            case REFUSED -> throw new IllegalArgumentException("option " + row.name + " cannot be had: " + row.help);
        };
        if (!good) {
            throw new IllegalArgumentException(
                    "option " + row.name + "=" + value + ": not " + row.param + " (" + row.help + ")");
        }
    }

    private static boolean isInRange(String name, int value) {
        return switch (name) {
            case "port", "directport" -> value > 0 && value < 1 << 16;
            case "max_conns" -> value > 0 && value <= Link.MAX_LANES;
            default -> true;
        };
    }

    private static boolean isChoice(String name, String value) {
        return switch (name) {
            case "idmap" -> Set.of("none", "user", "file", "name").contains(value);
            case "nomap" -> Set.of("ignore", "error").contains(value);
            case "ssh_protocol" -> value.equals("2");
            case "workaround" -> List.of(value.split(":", -1)).stream().allMatch(OptionTable::isWorkaround);
            default -> true;
        };
    }

    /// Those of sshfs; but for `rename` there is nothing to work around here.
    private static boolean isWorkaround(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return Set.of("none", "all", "nodelay", "nodelaysrv").contains(lower)
                || Set.of(
                                "rename",
                                "renamexdev",
                                "nodelay",
                                "nodelaysrv",
                                "truncate",
                                "buflimit",
                                "fstat",
                                "createmode")
                        .contains(lower.replaceFirst("^no", ""));
    }
}
