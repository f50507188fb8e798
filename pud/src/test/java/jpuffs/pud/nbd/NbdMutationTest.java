// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import jpuffs.pud.block.RamDevice;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Packets that were right before some of their bytes were changed: whatever the server says to them, it goes on
/// serving others and loses nothing.
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class NbdMutationTest {
    private static final int PER_CLIENT = 50;

    private final long seed = Long.getLong("jpuffs.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @Test
    void malformedPacketsDoNoHarm() throws IOException {
        run(5_000);
    }

    @Test
    @Tag("long")
    void aMillionMalformedPacketsDoNoHarm() throws IOException {
        run(1_000_000);
    }

    private void run(int packets) throws IOException {
        System.out.println("-Djpuffs.seed=" + seed);
        try (var ram = new RamDevice(1 << 20);
                var fixture = NbdFixture.of(ram)) {
            for (int sent = 0; sent < packets; sent += PER_CLIENT) {
                try (RawClient client = fixture.connect()) {
                    if (random.nextBoolean()) {
                        options(client);
                    } else {
                        client.greet(3);
                        client.go("");
                        requests(client);
                    }
                } catch (IOException e) {
                    // it hung up on us, as it may
                }
            }
            try (RawClient client = fixture.transmission()) {
                client.request(Nbd.CMD_READ, 0, 1, 0, 512);
                assertThat(client.simple(1)).as("seed " + seed).isZero();
            }
        }
    }

    private void options(RawClient client) throws IOException {
        client.greet(3);
        for (int i = 0; i < PER_CLIENT; i++) {
            ByteBuffer option =
                    ByteBuffer.allocate(64).putLong(Nbd.OPTION_MAGIC).putInt(random.nextInt(13));
            int length = random.nextInt(40);
            option.putInt(length).putInt(random.nextInt(8)).position(16 + length);
            client.write(mutate(option));
        }
        client.drain();
    }

    private void requests(RawClient client) throws IOException {
        for (int i = 0; i < PER_CLIENT; i++) {
            int type = random.nextInt(9);
            long length = random.nextInt(8) * 512L;
            ByteBuffer request = ByteBuffer.allocate(28 + 4096);
            request.put(RawClient.header(type, random.nextInt(4), i, random.nextInt(4096) * 512L, length)
                    .flip());
            if (type == Nbd.CMD_WRITE) {
                request.position(28 + (int) length);
            }
            client.write(mutate(request));
        }
        client.drain();
    }

    private ByteBuffer mutate(ByteBuffer packet) {
        for (int i = random.nextInt(3); i > 0; i--) {
            packet.put(random.nextInt(packet.position()), (byte) random.nextInt());
        }
        return packet;
    }
}
