// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The end of a file system, and many threads in it.
class CloseTest extends Contract {
    private static final int THREADS = 4;

    @Test
    void closesEverything() throws IOException {
        Path file = Files.writeString(path("/f"), "x");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel temporary = FileChannel.open(
                path("/t"), StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.DELETE_ON_CLOSE);
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path("/"))) {
            WatchService service = fs.newWatchService();
            fs.close();
            fs.close();
            assertThat(fs.isOpen()).isFalse();
            assertThat(channel.isOpen()).isFalse();
            assertThat(temporary.isOpen()).isFalse();
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> ((SecureDirectoryStream<Path>) stream).deleteFile(file))
                    .isInstanceOf(ClosedDirectoryStreamException.class);
            assertThatThrownBy(service::poll).isInstanceOf(ClosedWatchServiceException.class);
            assertThatThrownBy(() -> Files.size(file)).isInstanceOf(ClosedFileSystemException.class);
            assertThatThrownBy(() -> Files.newDirectoryStream(path("/"))).isInstanceOf(ClosedFileSystemException.class);
            assertThatThrownBy(() -> fs.newWatchService()).isInstanceOf(ClosedFileSystemException.class);
        }
        if (subject != Subject.TMPFS) {
            remount("");
            assertThat(path("/f")).hasContent("x");
            assertThat(path("/t")).doesNotExist();
        }
    }

    private interface Body {
        void run(int thread) throws Exception;
    }

    private static void onThreads(Body body, Runnable meanwhile) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            var started = new CountDownLatch(THREADS);
            List<Future<?>> ends = new ArrayList<>();
            IntStream.range(0, THREADS)
                    .forEach(thread -> ends.add(threads.submit(() -> {
                        started.countDown();
                        body.run(thread);
                        return null;
                    })));
            assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
            meanwhile.run();
            for (Future<?> end : ends) {
                end.get(50, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void manyThreads() throws Exception {
        Files.createDirectory(path("/shared"));
        try (FileChannel log = FileChannel.open(
                path("/log"), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            onThreads(
                    thread -> {
                        for (int i = 0; i < 50; i++) {
                            Path file = path("/shared/" + thread + "." + i);
                            Files.writeString(file, "content " + i);
                            assertThat(file).hasContent("content " + i);
                            if (i % 2 == 0) {
                                Files.delete(file);
                            } else {
                                Files.move(file, path("/" + thread + "-" + i));
                            }
                            log.write(ByteBuffer.wrap(new byte[] {'x'}));
                        }
                    },
                    () -> {});
            assertThat(log.size()).as("one position for all").isEqualTo(THREADS * 50);
        }
        assertThat(path("/shared")).isEmptyDirectory();
        try (var files = Files.list(path("/"))) {
            assertThat(files.filter(file -> file.toString().contains("-"))).hasSize(THREADS * 25);
        }
    }

    /// Whoever is in the middle of something hears that it is closed, and nothing else.
    @Test
    void closingUnderThreads() throws Exception {
        onThreads(
                thread -> {
                    try {
                        while (true) {
                            Files.writeString(path("/" + thread), "x");
                            try (var list = Files.newDirectoryStream(path("/"))) {
                                list.forEach(entry -> assertThat(entry).isNotNull());
                            }
                        }
                    } catch (IllegalStateException | ClosedChannelException e) { // of a stream, of all, of a channel
                        assertThat(fs.isOpen()).isFalse();
                    }
                },
                () -> {
                    try {
                        fs.close();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }
}
