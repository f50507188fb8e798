// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.ENOENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.Attr;
import jpuffs.core.DirSink;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// One directory of files called 0, 1, 2 ... that nobody can change: for several threads at once. Keeps the books
/// of answers and handles.
final class FlatFs implements FileSystem {
    final List<FlatFile> files = new ArrayList<>();
    final AtomicInteger openHandles = new AtomicInteger();
    final AtomicBoolean wrong = new AtomicBoolean();
    /// Runs before each operation, on whatever thread.
    volatile MemFs.Before before = _ -> {};
    private final Root root = new Root();

    /// @param size of each file in bytes
    FlatFs(int count, int size) {
        for (int i = 0; i < count; i++) {
            files.add(new FlatFile(i, size));
        }
    }

    void assertAllGivenBack() {
        assertThat(wrong)
                .as("reclaimed with open handles, or more than was answered")
                .isFalse();
        assertThat(openHandles).hasValue(0);
        assertThat(files).allMatch(file -> file.answered.get() == 0);
    }

    @Override
    public Node root() {
        return root;
    }

    @Override
    public boolean isThreadSafe() {
        return true;
    }

    private final class Root implements Node {
        @Override
        public Attr getattr() {
            return Attr.directory(0755).withIno(1);
        }

        @Override
        public @Nullable Node lookup(Name name) throws IOException {
            before.operation("lookup");
            try {
                int index = Integer.parseInt(name.toString());
                return index < 0 || index >= files.size()
                        ? null
                        : files.get(index).answer();
            } catch (NumberFormatException e) {
                throw ENOENT.error();
            }
        }

        @Override
        public void readdir(long cookie, DirSink sink) {
            for (int i = (int) Math.min(cookie, files.size()); i < files.size(); i++) {
                if (!sink.add(files.get(i).name, i + 2, Mode.S_IFREG, i + 1)) {
                    return;
                }
            }
        }
    }

    /// The byte at `off` of file `index` is `index + off / 4096`.
    final class FlatFile implements Node {
        final int index;
        final int size;
        final Name name;
        final AtomicLong answered = new AtomicLong();
        final AtomicInteger handles = new AtomicInteger();
        volatile int ready;
        volatile @Nullable Runnable waker;

        FlatFile(int index, int size) {
            this.index = index;
            this.size = size;
            name = Name.of(Integer.toString(index));
        }

        FlatFile answer() {
            answered.incrementAndGet();
            return this;
        }

        byte byteAt(long off) {
            return (byte) (index + off / 4096);
        }

        @Override
        public Attr getattr() {
            return Attr.file(0644, size).withIno(index + 2);
        }

        @Override
        public Handle open(int flags) throws IOException {
            before.operation("open");
            handles.incrementAndGet();
            openHandles.incrementAndGet();
            return new Handle(this, flags) {
                @Override
                public void release() {
                    handles.decrementAndGet();
                    openHandles.decrementAndGet();
                }
            };
        }

        @Override
        public int read(MemorySegment dst, long off) throws IOException {
            before.operation("read");
            int count = (int) Math.clamp(size - off, 0, dst.byteSize());
            for (int done = 0; done < count; ) {
                int run = (int) Math.min(count - done, 4096 - (off + done) % 4096);
                dst.asSlice(done, run).fill(byteAt(off + done));
                done += run;
            }
            return count;
        }

        @Override
        public byte @Nullable [] getxattr(Name name) {
            return name.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int poll(int events, @Nullable Runnable newWaker) {
            waker = newWaker;
            return ready & events;
        }

        @Override
        public void reclaim(long answers) {
            long left = answered.addAndGet(-answers);
            if (left < 0 || (left == 0 && handles.get() > 0)) {
                wrong.set(true);
            }
        }
    }
}
