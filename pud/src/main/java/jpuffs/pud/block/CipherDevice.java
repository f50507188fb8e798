// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Extent;
import jpuffs.core.FilterDevice;

/// Encrypts another device by AES-XTS, in sectors of 512 bytes that are numbered from 0: what dm-crypt calls
/// `aes-xts-plain64`. There is no header; the key is all it takes to read it.
///
/// Holes of the device below would read as noise, so nothing is told of them and [#trim] does nothing: it would
/// tell which sectors are in use. Yields where the device below does.
public final class CipherDevice extends FilterDevice {
    private static final int SECTOR = 512;
    private static final int CHUNK = 64 << 10;

    private final byte[] key;
    private final ConcurrentLinkedQueue<Worker> idle = new ConcurrentLinkedQueue<>();

    /// @param base owned from now on
    /// @param key 32 bytes for AES-128, 64 for AES-256: two AES keys
    /// @throws ErrnoException EINVAL for any other length, and for two equal halves
    public CipherDevice(BlockDevice base, byte[] key) throws ErrnoException {
        super(base);
        this.key = key.clone();
        if (key.length != 32 && key.length != 64) {
            throw Errno.EINVAL.error("a key of %d bytes: AES-XTS takes 32 or 64", key.length);
        }
        if (Arrays.equals(key, 0, key.length / 2, key, key.length / 2, key.length)) {
            throw Errno.EINVAL.error("the two halves of the key are equal");
        }
        idle.add(newWorker());
    }

    /// A cipher and what it works in, for one thread at a time.
    private static final class Worker {
        private final Xts xts;
        private final byte[] bytes = new byte[CHUNK];

        Worker(Xts xts) {
            this.xts = xts;
        }
    }

    private Worker newWorker() throws ErrnoException {
        try {
            return new Worker(new Xts(key, SECTOR, CHUNK));
        } catch (GeneralSecurityException e) {
            throw broken(e);
        }
    }

    private static ErrnoException broken(GeneralSecurityException cause) {
        return Errno.EIO.error("AES: %s", String.valueOf(cause.getMessage()));
    }

    private Worker take() throws ErrnoException {
        Worker worker = idle.poll();
        return worker == null ? newWorker() : worker;
    }

    @Override
    public boolean canTrim() {
        return false;
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        super.read(dst, off);
        translate(dst, dst, off, false);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment secret = arena.allocate(src.byteSize());
            translate(src, secret, off, true);
            super.write(secret, off);
        }
    }

    private void translate(MemorySegment from, MemorySegment to, long off, boolean encrypt) throws ErrnoException {
        Worker worker = take();
        try {
            for (long done = 0; done < from.byteSize(); done += CHUNK) {
                int length = (int) Math.min(CHUNK, from.byteSize() - done);
                long sector = (off + done) / SECTOR;
                MemorySegment.copy(from, JAVA_BYTE, done, worker.bytes, 0, length);
                if (encrypt) {
                    worker.xts.encrypt(worker.bytes, length, sector);
                } else {
                    worker.xts.decrypt(worker.bytes, length, sector);
                }
                MemorySegment.copy(worker.bytes, 0, to, JAVA_BYTE, done, length);
            }
        } catch (GeneralSecurityException e) {
            throw broken(e);
        } finally {
            idle.add(worker);
        }
    }

    @Override
    public void trim(long off, long len) {}

    /// Writes encrypted zeros.
    @Override
    public void zero(long off, long len) throws IOException {
        MemorySegment zeros = MemorySegment.ofArray(new byte[(int) Math.min(len, CHUNK)]);
        for (long done = 0; done < len; ) {
            long n = Math.min(zeros.byteSize(), len - done);
            write(zeros.asSlice(0, n), off + done);
            done += n;
        }
    }

    @Override
    public Extent extent(long off, long len) {
        return Extent.data(len);
    }
}
