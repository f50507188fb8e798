// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import jpuffs.core.BlockDevice;
import jpuffs.pud.nbd.NbdDisk;
import jpuffs.pud.nbd.NbdExport;
import jpuffs.pud.nbd.NbdServer;
import jpuffs.pud.nbd.NbdTls;
import jpuffs.sys.Signals;
import org.jspecify.annotations.Nullable;

/// `puffs serve nbd`: serves a block device over the network block device protocol, in the foreground until a
/// signal.
final class ServeCommand {
    private static final String TCP = "localhost:10809";

    private ServeCommand() {}

    /// What the command line says.
    ///
    /// @param unix the path of a socket, null if none was given
    /// @param tcp `HOST:PORT`, null if none was given
    /// @param name of the export, may be empty
    /// @param device as [Devices#open] has it
    /// @param tls the directory of keys and certificates, null to serve in clear
    /// @param verifyPeer whether clients need a certificate too
    /// @param attach whether the kernel's nbd driver is to make a device of it
    record Settings(
            @Nullable String unix,
            @Nullable String tcp,
            boolean readOnly,
            String name,
            String device,
            @Nullable String tls,
            boolean verifyPeer,
            boolean attach) {}

    static void run(String protocol, Settings settings, PrintStream out)
            throws Failure, IOException, InterruptedException {
        requireProtocol(protocol);
        SocketAddress address = address(settings);
        NbdTls tls = tls(settings);
        try (BlockDevice device = Devices.open(settings.device, settings.readOnly, List.of())) {
            var export = new NbdExport(settings.name, "", device, settings.readOnly);
            try (NbdServer server = listen(address, export, tls)) {
                Log.start(false, false);
                String uri = uri(tls == null ? "nbd" : "nbds", address, server.port(), settings.name);
                out.println(uri);
                try (var disk = settings.attach ? attach(uri) : null) {
                    if (disk != null) {
                        out.println(disk.path());
                    }
                    out.flush();
                    Ready.tellSystemd(System.getenv("NOTIFY_SOCKET"));
                    awaitSignal();
                }
            }
            if (!device.isReadOnly()) {
                device.flush();
            }
        }
    }

    static void requireProtocol(String word) throws Failure {
        if (!word.equals("nbd")) {
            throw Failure.usage("unknown protocol " + word + "; there is: nbd");
        }
    }

    private static @Nullable NbdTls tls(Settings settings) throws Failure {
        if (settings.tls == null) {
            if (settings.verifyPeer) {
                throw Failure.usage("--tls-verify-peer is of use with --tls DIR only");
            }
            return null;
        }
        try {
            return NbdTls.server(Path.of(settings.tls), settings.verifyPeer);
        } catch (IOException e) {
            throw new Failure(ExitCode.MOUNT, "--tls " + settings.tls + ": " + Reason.of(e));
        }
    }

    private static NbdDisk attach(String uri) throws Failure {
        try {
            return NbdDisk.attach(uri);
        } catch (IOException e) {
            throw new Failure(ExitCode.MOUNT, "--attach: " + Reason.of(e));
        }
    }

    private static NbdServer listen(SocketAddress address, NbdExport export, @Nullable NbdTls tls) throws Failure {
        try {
            List<NbdExport> exports = List.of(export);
            return tls == null ? NbdServer.open(address, exports) : NbdServer.openSecure(address, exports, tls);
        } catch (IOException e) {
            throw new Failure(ExitCode.MOUNT, "cannot listen: " + Reason.of(e));
        }
    }

    private static void awaitSignal() throws InterruptedException {
        var signal = new CountDownLatch(1);
        try (var _ = Signals.on("INT", signal::countDown);
                var _ = Signals.on("TERM", signal::countDown);
                var _ = Signals.on("HUP", signal::countDown)) {
            signal.await();
        }
    }

    private static SocketAddress address(Settings settings) throws Failure {
        if (settings.unix != null && settings.tcp != null) {
            throw Failure.usage("either --unix or --tcp, not both");
        }
        return settings.unix != null
                ? UnixDomainSocketAddress.of(settings.unix)
                : tcp(settings.tcp == null ? TCP : settings.tcp);
    }

    /// `HOST:PORT`; an IPv6 address stands in brackets.
    private static SocketAddress tcp(String text) throws Failure {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        long port = colon < 0 ? -1 : Values.number(text.substring(colon + 1));
        if (host.isEmpty() || port < 0 || port > 0xffff) {
            throw Failure.usage("--tcp " + text + ": it is HOST:PORT, such as " + TCP);
        }
        var address = new InetSocketAddress(host, (int) port);
        if (address.isUnresolved()) {
            throw new Failure(ExitCode.SYSTEM, "--tcp " + text + ": unknown host " + host);
        }
        return address;
    }

    /// What clients take: the URI of the nbd project (doc/uri.md).
    private static String uri(String scheme, SocketAddress address, int port, String name) {
        if (address instanceof UnixDomainSocketAddress unix) {
            return scheme + "+unix:///" + name + "?socket=" + unix.getPath();
        }
        String host = ((InetSocketAddress) address).getHostString();
        return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/" + name;
    }
}
