// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EINVAL;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import jpuffs.core.ErrnoException;

/// Where an export is, as the URIs of the nbd project have it (doc/uri.md): `nbd://HOST[:PORT]/NAME` or
/// `nbd+unix:///NAME?socket=PATH`.
///
/// @param name of the export, may be empty
record NbdUri(SocketAddress address, String name) {
    private static final String SOCKET = "socket=";

    /// @throws ErrnoException EINVAL with what is wrong
    static NbdUri parse(String text) throws ErrnoException {
        try {
            URI uri = new URI(text);
            String path = uri.getPath() == null ? "" : uri.getPath();
            String name = path.startsWith("/") ? path.substring(1) : path;
            return switch (String.valueOf(uri.getScheme())) {
                case "nbd" -> new NbdUri(host(uri, text), name);
                case "nbd+unix" -> new NbdUri(socket(uri, text), name);
                default -> throw EINVAL.error("%s: begins with neither nbd: nor nbd+unix:", text);
            };
        } catch (URISyntaxException e) {
            throw EINVAL.error("%s: %s", text, e.getReason());
        }
    }

    private static SocketAddress host(URI uri, String text) throws ErrnoException {
        String host = uri.getHost();
        if (host == null) {
            throw EINVAL.error("%s: no host", text);
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new InetSocketAddress(bare, uri.getPort() < 0 ? Nbd.PORT : uri.getPort());
    }

    private static SocketAddress socket(URI uri, String text) throws ErrnoException {
        String query = uri.getQuery();
        if (query == null || !query.startsWith(SOCKET)) {
            throw EINVAL.error("%s: no ?socket=PATH", text);
        }
        return UnixDomainSocketAddress.of(query.substring(SOCKET.length()));
    }
}
