// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpuffs.sys.Fd;
import jpuffs.sys.NbdDev;
import jpuffs.sys.StreamSocket;

/// A block device of the kernel, `/dev/nbdN`, made of an export by the kernel's nbd driver, which talks to the
/// server itself. Needs root, and a kernel with the driver.
///
/// If the server goes away, requests fail with EIO for good.
public final class NbdDisk implements AutoCloseable {
    private static final int CONNECTIONS = 4;
    private static final int PAGE = 4096;

    private final int number;
    private boolean attached = true;

    private NbdDisk(int number) {
        this.number = number;
    }

    /// Connects, and hands the connections to the driver: several, if the server lets them share the export. Not
    /// from a thread that serves it.
    ///
    /// @param uri as [NbdDevice#open] takes it, not through TLS
    /// @throws IOException as [NbdDevice#open]; ENOENT if the kernel has no nbd driver, EPERM
    public static NbdDisk attach(String uri) throws IOException {
        NbdUri where = NbdUri.parse(uri);
        if (where.secure()) {
            throw EINVAL.error("%s: the kernel's driver has no TLS", uri);
        }
        List<Fd> sockets = new ArrayList<>();
        try {
            ClientHandshake.Export export;
            do {
                Fd fd = StreamSocket.connect(where.address());
                sockets.add(fd);
                var handshake = new ClientHandshake(fd);
                handshake.greet();
                export = handshake.go(where.name());
            } while ((export.flags() & Nbd.CAN_MULTI_CONN) != 0 && sockets.size() < CONNECTIONS);
            int block = Math.clamp(export.minBlock(), 512, PAGE);
            return new NbdDisk(NbdDev.connect(sockets, export.size(), block, export.flags() & 0xffff));
        } finally {
            sockets.forEach(Fd::close);
        }
    }

    /// The device.
    public Path path() {
        return Path.of("/dev/nbd" + number);
    }

    /// Frees the device: who uses it gets errors. Nothing happens the second time.
    @Override
    public void close() throws IOException {
        if (attached) {
            attached = false;
            NbdDev.disconnect(number);
        }
    }
}
