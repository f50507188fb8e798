// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.niofs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import org.jspecify.annotations.Nullable;

/// An open file: a channel. An interrupt closes a channel, and one of FUSE is one: whoever was interrupted hears
/// EINTR, and the next operation opens the file again, by the path it had.
final class NioHandle extends Handle {
    private final Path path;
    private final Set<OpenOption> options;
    private final Object lock = new Object(); // the position of a channel is everybody's
    private @Nullable SeekableByteChannel channel;

    private NioHandle(Node node, int flags, Path path) throws IOException {
        super(node, flags);
        this.path = path;
        this.options = Set.copyOf(options(flags));
        this.channel = Files.newByteChannel(path, options);
    }

    static NioHandle open(Node node, int flags, Path path) throws IOException {
        return NioErrors.call(() -> new NioHandle(node, flags, path));
    }

    private static Set<StandardOpenOption> options(int flags) {
        Set<StandardOpenOption> options = EnumSet.noneOf(StandardOpenOption.class);
        if (OpenFlags.canRead(flags)) {
            options.add(StandardOpenOption.READ);
        }
        if (OpenFlags.canWrite(flags)) {
            options.add(StandardOpenOption.WRITE);
        }
        return options;
    }

    @FunctionalInterface
    private interface Io<R> {
        R run(SeekableByteChannel channel) throws IOException;
    }

    private <R> R io(Io<R> io) throws IOException {
        return NioErrors.call(() -> {
            synchronized (lock) {
                SeekableByteChannel open = channel;
                if (open == null || !open.isOpen()) {
                    open = Files.newByteChannel(path, options);
                    channel = open;
                }
                try {
                    return io.run(open);
                } catch (ClosedByInterruptException e) {
                    channel = null;
                    throw Errno.EINTR.error("%s", e);
                }
            }
        });
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        return io(open -> read(open, dst, off));
    }

    static int read(SeekableByteChannel channel, MemorySegment dst, long off) throws IOException {
        ByteBuffer bytes = dst.asByteBuffer();
        channel.position(off);
        int count = 0;
        while (count >= 0 && bytes.hasRemaining()) {
            count = channel.read(bytes);
        }
        return bytes.position();
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        return io(open -> {
            ByteBuffer bytes = src.asByteBuffer();
            open.position(off);
            while (bytes.hasRemaining()) {
                open.write(bytes);
            }
            return bytes.position();
        });
    }

    /// Of a removed file the size, at least, is that of now.
    @Override
    public Attr getattr() throws IOException {
        Attr attr = super.getattr();
        return attr.nlink() == 0 ? attr.withSize(io(SeekableByteChannel::size)) : attr;
    }

    static void resize(SeekableByteChannel channel, long size) throws IOException {
        if (size > channel.size()) {
            channel.position(size - 1).write(ByteBuffer.allocate(1));
        } else {
            channel.truncate(size);
        }
    }

    /// As far as the channel can: one that is no FileChannel has no such operation.
    @Override
    public void fsync(boolean dataOnly) throws IOException {
        io(open -> {
            if (open instanceof FileChannel file) {
                file.force(!dataOnly);
            }
            return true;
        });
    }

    @Override
    public void release() throws IOException {
        synchronized (lock) {
            if (channel != null) {
                channel.close();
            }
        }
    }
}
