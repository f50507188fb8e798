// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.nio.file.StandardWatchEventKinds.OVERFLOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Watched directories. Events come with the operation, so nothing here waits.
class WatchTest extends Contract {
    private WatchService service;
    private Path directory;

    @BeforeEach
    void watch() throws IOException {
        service = fs.newWatchService();
        directory = Files.createDirectory(path("/d"));
    }

    @AfterEach
    void close() throws IOException {
        service.close();
    }

    private WatchKey register() throws IOException {
        return directory.register(service, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY);
    }

    /// What the next key tells, as `kind name`.
    private List<String> told() {
        WatchKey key = service.poll();
        if (key == null) {
            return List.of();
        }
        List<String> events = key.pollEvents().stream()
                .map(event -> event.kind().name().replace("ENTRY_", "") + " " + event.context())
                .distinct()
                .toList();
        key.reset();
        return events;
    }

    @Test
    void events() throws IOException {
        WatchKey key = register();
        assertThat(key.watchable()).isEqualTo(directory);
        assertThat(told()).isEmpty();
        Files.writeString(path("/d/f"), "x");
        assertThat(told()).containsExactly("CREATE f", "MODIFY f");
        Files.writeString(path("/d/f"), "y");
        assertThat(told()).containsExactly("MODIFY f");
        Files.setLastModifiedTime(path("/d/f"), FileTime.fromMillis(0x4000_0000_000L));
        assertThat(told()).containsExactly("MODIFY f");
        Files.move(path("/d/f"), path("/d/g"));
        assertThat(told()).containsExactly("DELETE f", "CREATE g");
        Files.createDirectory(path("/d/e"));
        Files.delete(path("/d/g"));
        assertThat(told()).containsExactly("CREATE e", "DELETE g");
        Files.createFile(path("/d/e/deeper"));
        Files.createFile(path("/beside"));
        assertThat(told()).isEmpty();
    }

    @Test
    void onlyWhatWasAskedFor() throws IOException {
        directory.register(service, ENTRY_DELETE);
        Files.createFile(path("/d/f"));
        assertThat(told()).isEmpty();
        WatchKey key = register();
        Files.delete(path("/d/f"));
        assertThat(told()).containsExactly("DELETE f");
        assertThat(directory.register(service, ENTRY_CREATE)).isSameAs(key);
    }

    @Test
    void keys() throws IOException {
        WatchKey key = register();
        for (int i = 0; i < 5; i++) {
            Files.writeString(path("/d/f"), "x", StandardOpenOption.APPEND, StandardOpenOption.CREATE);
        }
        assertThat(service.poll()).isSameAs(key);
        assertThat(service.poll()).isNull();
        assertThat(key.pollEvents()).hasSize(2).last().matches(event -> event.count() == 5);
        Files.delete(path("/d/f"));
        assertThat(service.poll()).as("not before it is reset").isNull();
        assertThat(key.reset()).isTrue();
        assertThat(service.poll()).isSameAs(key);
        key.cancel();
        assertThat(key.isValid()).isFalse();
        assertThat(key.reset()).isFalse();
        Files.createFile(path("/d/g"));
        assertThat(service.poll()).isNull();
    }

    @Test
    void aRemovedDirectory() throws IOException {
        WatchKey key = register();
        Files.delete(directory);
        assertThat(service.poll()).isSameAs(key);
        assertThat(key.isValid()).isFalse();
    }

    @Test
    void tooManyEvents() throws IOException {
        WatchKey key = register();
        for (int i = 0; i < 300; i++) {
            Files.delete(Files.createFile(path("/d/" + i)));
        }
        assertThat(key.pollEvents())
                .hasSize(513)
                .last()
                .matches(event -> event.kind().equals(OVERFLOW));
    }

    @Test
    void misuse() throws IOException {
        Path file = Files.createFile(path("/f"));
        assertThatThrownBy(() -> file.register(service, ENTRY_CREATE)).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> directory.register(service)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> directory.register(service, new WatchEvent.Kind<?>[] {ENTRY_CREATE}, () -> "fast"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void closing() throws Exception {
        WatchKey key = register();
        var waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return service.take();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        service.close();
        service.close();
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ClosedWatchServiceException.class);
        assertThat(key.isValid()).isFalse();
        assertThatThrownBy(service::poll).isInstanceOf(ClosedWatchServiceException.class);
        assertThatThrownBy(this::register).isInstanceOf(ClosedWatchServiceException.class);
        Files.createFile(path("/d/f"));
    }
}
