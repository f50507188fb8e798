// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import jpuffs.puffs.wire.Wire;
import org.jspecify.annotations.Nullable;

/// The conversation of `golden.txt`: what it says, and the file system and the options it speaks of.
final class Golden {
    /// A request and its reply, whole messages; the reply is null if there is none.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Exchange(String title, byte[] request, byte @Nullable [] reply) {
        Opcode op() {
            return Opcode.of(request[Wire.InHeader.OPCODE] & 0xff | (request[Wire.InHeader.OPCODE + 1] & 0xff) << 8);
        }
    }

    static final List<Exchange> CONVERSATION = read();

    private Golden() {}

    static MemFs fileSystem() {
        var fs = new MemFs();
        fs.keepsLocks = true;
        fs.root.addFile("f", "hello, world");
        fs.root.addDirectory("d");
        fs.root.addSymlink("l", "f");
        return fs;
    }

    static MountOptions options() {
        return MountOptions.defaults()
                .withEntryTtl(Duration.ofMillis(2_250))
                .withAttrTtl(Duration.ofMillis(1_500))
                .withNegativeTtl(Duration.ofMillis(500));
    }

    private static List<Exchange> read() {
        try (var in = Golden.class.getResourceAsStream("golden.txt");
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            var exchanges = new ArrayList<Exchange>();
            String title = "";
            byte[] request = {};
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("#")) {
                    title = line.substring(1).strip();
                } else if (line.startsWith(">")) {
                    request = bytes(line);
                } else if (line.startsWith("<")) {
                    exchanges.add(new Exchange(title, request, line.equals("< none") ? null : bytes(line)));
                }
            }
            return List.copyOf(exchanges);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(String line) {
        return HexFormat.of().parseHex(line.substring(1).replaceAll("[ |]", ""));
    }
}
