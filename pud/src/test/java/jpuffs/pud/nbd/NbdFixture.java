// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.sys.Fd;

/// A server on a Unix-domain socket in a folder of its own. Closing looks for descriptors that were left open.
final class NbdFixture implements AutoCloseable {
    private final int open = Fd.openCount();
    final Path folder;
    final NbdServer server;
    final UnixDomainSocketAddress address;

    NbdFixture(List<NbdExport> exports) throws IOException {
        folder = Files.createTempDirectory("jpuffs-nbd");
        address = UnixDomainSocketAddress.of(folder.resolve("sock"));
        server = NbdServer.open(address, exports);
    }

    static NbdFixture of(BlockDevice device) throws IOException {
        return new NbdFixture(List.of(NbdExport.of(device)));
    }

    /// As nbdinfo, nbdcopy and qemu take it.
    String uri() {
        return "'nbd+unix:///?socket=" + address.getPath() + "'";
    }

    RawClient connect() throws IOException {
        return new RawClient(address);
    }

    /// A client in the transmission phase, with simple replies.
    RawClient transmission() throws IOException {
        RawClient client = connect().greet(3);
        client.go("");
        return client;
    }

    @Override
    public void close() throws IOException {
        server.close();
        assertThat(server.clients()).as("clients that are left").isZero();
        assertThat(address.getPath()).doesNotExist();
        assertThat(Fd.openCount()).as("open descriptors").isEqualTo(open);
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
