// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EINVAL;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Where an export is, as the URIs of the nbd project have it (doc/uri.md): `nbd://HOST[:PORT]/NAME` or
/// `nbd+unix:///NAME?socket=PATH`; `nbds` for `nbd` is through TLS, with libnbd's parameter `tls-certificates=DIR`.
///
/// @param host whose certificate is wanted
/// @param name of the export, may be empty
/// @param secure through TLS
/// @param certificates the directory of keys and certificates; null for none
record NbdUri(
        SocketAddress address,
        String host,
        String name,
        boolean secure,
        @Nullable Path certificates) {
    private static final String SOCKET = "socket";
    private static final String CERTIFICATES = "tls-certificates";

    /// @throws ErrnoException EINVAL with what is wrong
    static NbdUri parse(String text) throws ErrnoException {
        try {
            URI uri = new URI(text);
            Map<String, String> parameters = parameters(uri, text);
            String path = uri.getPath() == null ? "" : uri.getPath();
            String name = path.startsWith("/") ? path.substring(1) : path;
            String scheme = String.valueOf(uri.getScheme());
            if (!scheme.matches("nbds?(\\+unix)?")) {
                throw EINVAL.error("%s: begins with neither nbd: nor nbd+unix: nor nbds: nor nbds+unix:", text);
            }
            boolean secure = scheme.startsWith("nbds");
            String directory = parameters.get(CERTIFICATES);
            if (directory != null && !secure) {
                throw EINVAL.error("%s: %s is for nbds:", text, CERTIFICATES);
            }
            boolean unix = scheme.endsWith("+unix");
            return new NbdUri(
                    unix ? socket(parameters, text) : address(uri, text),
                    unix ? "localhost" : host(uri, text),
                    name,
                    secure,
                    directory == null ? null : Path.of(directory));
        } catch (URISyntaxException e) {
            throw EINVAL.error("%s: %s", text, e.getReason());
        }
    }

    private static Map<String, String> parameters(URI uri, String text) throws ErrnoException {
        var parameters = new HashMap<String, String>();
        if (uri.getQuery() == null) {
            return parameters;
        }
        for (String parameter : uri.getQuery().split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            if (equals < 0 || !(name.equals(SOCKET) || name.equals(CERTIFICATES))) {
                throw EINVAL.error("%s: %s is no parameter of it", text, parameter);
            }
            parameters.put(name, parameter.substring(equals + 1));
        }
        return parameters;
    }

    private static String host(URI uri, String text) throws ErrnoException {
        String host = uri.getHost();
        if (host == null) {
            throw EINVAL.error("%s: no host", text);
        }
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static SocketAddress address(URI uri, String text) throws ErrnoException {
        return new InetSocketAddress(host(uri, text), uri.getPort() < 0 ? Nbd.PORT : uri.getPort());
    }

    private static SocketAddress socket(Map<String, String> parameters, String text) throws ErrnoException {
        String path = parameters.get(SOCKET);
        if (path == null) {
            throw EINVAL.error("%s: no ?socket=PATH", text);
        }
        return UnixDomainSocketAddress.of(path);
    }
}
