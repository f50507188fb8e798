// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.sys.Fcntl.O_APPEND;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_DIRECT;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;

/// Files opened with O_DIRECT. Offsets, sizes and memory are multiples of 4 KiB.
final class DirectCases {
    private static final int PAGE = 4096;

    private DirectCases() {}

    static void directWriteAndRead(Env env) throws Exception {
        Client root = env.root();
        byte[] data = Data.of(8 * PAGE, 1);
        int fd = root.open("f", O_CREAT | O_RDWR | O_DIRECT);
        root.writeAll(fd, data, 0);
        assertThat(root.fstat(fd).size()).isEqualTo(8 * PAGE);
        assertThat(root.pread(fd, 8 * PAGE, 0)).isEqualTo(data);
        assertThat(root.pread(fd, PAGE, 3 * PAGE)).isEqualTo(Arrays.copyOfRange(data, 3 * PAGE, 4 * PAGE));
        assertThat(root.pread(fd, PAGE, 8 * PAGE)).isEmpty();
        root.close(fd);
        assertThat(root.content("f")).isEqualTo(data);
    }

    static void directReadAtTheEnd(Env env) throws Exception {
        Client root = env.root();
        root.create("f", Data.of(PAGE + 100, 2));
        int fd = root.open("f", O_RDONLY | O_DIRECT);
        assertThat(root.pread(fd, 4 * PAGE, 0)).isEqualTo(Data.of(PAGE + 100, 2));
        assertThat(root.pread(fd, PAGE, PAGE)).hasSize(100);
        root.close(fd);
    }

    static void directAndCachedSeeEachOther(Env env) throws Exception {
        Client root = env.root();
        root.create("f", new byte[4 * PAGE]);
        int direct = root.open("f", O_RDWR | O_DIRECT);
        int cached = root.open("f", O_RDWR);
        var random = new Random(3);
        byte[] model = new byte[4 * PAGE];
        for (int i = 0; i < 100; i++) {
            byte[] page = Data.of(PAGE, i);
            int at = random.nextInt(4) * PAGE;
            root.writeAll(i % 2 == 0 ? direct : cached, page, at);
            System.arraycopy(page, 0, model, at, PAGE);
            assertThat(root.pread(i % 2 == 0 ? cached : direct, 4 * PAGE, 0)).isEqualTo(model);
        }
        root.close(direct);
        root.close(cached);
    }

    static void directAppend(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_WRONLY | O_APPEND | O_DIRECT);
        for (int i = 0; i < 4; i++) {
            assertThat(root.write(fd, Data.of(PAGE, i))).isEqualTo(PAGE);
        }
        root.close(fd);
        byte[] content = root.content("f");
        assertThat(content).hasSize(4 * PAGE);
        assertThat(Arrays.copyOfRange(content, 2 * PAGE, 3 * PAGE)).isEqualTo(Data.of(PAGE, 2));
    }

    static void directWriteIntoHole(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR | O_DIRECT);
        root.writeAll(fd, Data.of(PAGE, 1), 100L * PAGE);
        assertThat(root.pread(fd, PAGE, 50L * PAGE)).hasSize(PAGE).containsOnly(0);
        assertThat(root.fstat(fd).size()).isEqualTo(101L * PAGE);
        root.close(fd);
    }

    static void directIsTurnedOnAndOff(Env env) throws Exception {
        Client root = env.root();
        root.create("f", Data.of(2 * PAGE, 1));
        int fd = root.open("f", O_RDWR);
        root.calls().setfl(fd, O_DIRECT);
        assertThat(root.calls().getfl(fd) & O_DIRECT).isEqualTo(O_DIRECT);
        assertThat(root.pread(fd, PAGE, PAGE)).hasSize(PAGE);
        root.calls().setfl(fd, 0);
        assertThat(root.pread(fd, 10, 5)).hasSize(10);
        root.close(fd);
    }
}
