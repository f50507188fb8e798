// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.buf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A block of a device in memory, held by whoever got it from [BufCache] until [#close()].
///
/// One object stands for one block as long as anybody holds it. After the last close the object is dead for its
/// holders: get the block again. See the package for who may change the content when.
public final class Buf implements AutoCloseable {
    private final BufCache cache;
    private final long blkno;
    private final MemorySegment data;
    private @Nullable Object attachment;

    // All guarded by the lock of the cache.
    int holds;
    int pins;
    boolean valid; // the content is the block's
    boolean dirty; // and newer than the disk's
    boolean reading;
    boolean writing;
    boolean detached; // no longer the cache's buffer of this block

    @Nullable
    Buf hashNext;

    @Nullable
    Buf lruPrev;

    @Nullable
    Buf lruNext;

    Buf(BufCache cache, long blkno, MemorySegment data) {
        this.cache = cache;
        this.blkno = blkno;
        this.data = data;
    }

    /// The content: [BufCache#blockSize()] bytes, native, usable by any thread, valid until close.
    public MemorySegment data() {
        return data;
    }

    /// The number of the block, counted in blocks of [BufCache#blockSize()].
    public long blkno() {
        return blkno;
    }

    /// What the file system has attached by [#attach], or null: it goes when the buffer is taken for another block,
    /// and so tells what is known of this content. Guarded by the file system's lock.
    public @Nullable Object attachment() {
        return attachment;
    }

    public void attach(@Nullable Object newAttachment) {
        attachment = newAttachment;
    }

    /// bdwrite: the content has changed and is to be written later, at [BufCache#sync()] or when room is needed.
    /// Can be said before or after the change, by any holder.
    public void dirty() {
        cache.dirty(this);
    }

    /// bwrite: writes the content now and waits. Not durable before the device's flush.
    ///
    /// @throws IOException the device's; the buffer is dirty then
    public void write() throws IOException {
        cache.write(this);
    }

    /// Keeps the buffer from being written and from being taken away, until as many [#unpin()]: for a journal,
    /// whose blocks must not reach their place before the log has them. [#write()] of a pinned buffer is a bug.
    public void pin() {
        cache.pin(this, 1);
    }

    /// Ends one [#pin()]. A dirty buffer may be written from then on.
    public void unpin() {
        cache.pin(this, -1);
    }

    /// Whether it waits to be written.
    public boolean isDirty() {
        return cache.isDirty(this);
    }

    /// Whether somebody holds it beside the caller, who holds it.
    public boolean isShared() {
        return cache.isShared(this);
    }

    /// Holds it once more, for a second owner that closes it as well.
    public Buf hold() {
        cache.hold(this);
        return this;
    }

    /// brelse: ends the hold. A buffer of getblk that was neither made dirty nor written is forgotten.
    @Override
    public void close() {
        cache.release(this);
    }

    boolean isIdle() {
        return holds == 0 && pins == 0 && !reading && !writing;
    }
}
