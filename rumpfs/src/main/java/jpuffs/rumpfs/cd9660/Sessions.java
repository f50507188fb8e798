// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.core.Extent;
import org.jspecify.annotations.Nullable;

/// The sessions of a disc. A drive knows where they begin; an image does not tell, so they are looked for: each
/// next one not far behind the end of the one before.
final class Sessions {
    /// How far behind the end of a session another one may begin: on a CD there are up to 11,400 sectors between.
    private static final int GAP = 12_000;

    private static final int DESCRIPTOR = 16;
    private static final int MOST = 99; // tracks of a disc
    private static final int CHUNK = 32;

    /// Where writers of discs that can be overwritten put the first session: what is at the begin of the disc is a
    /// copy of the newest one's descriptors.
    private static final int COPIED_FIRST = 32;

    private final Disc disc;
    private final List<Long> starts = new ArrayList<>();

    private Sessions(Disc disc) {
        this.disc = disc;
    }

    /// The sectors that sessions begin with, oldest first; the newest alone counts the earlier ones' files as its
    /// own.
    static List<Long> find(Disc disc) throws IOException {
        var sessions = new Sessions(disc);
        VolumeDescriptor head = sessions.primary(0);
        VolumeDescriptor copied = sessions.primary(COPIED_FIRST);
        if (head != null && copied != null) {
            sessions.follow(COPIED_FIRST, copied);
            VolumeDescriptor last = sessions.primary(sessions.starts.getLast());
            if (last != null && last.root().extent() == head.root().extent()) {
                return sessions.starts;
            }
            sessions.starts.clear();
        }
        if (head != null) {
            sessions.follow(0, head);
        }
        return sessions.starts;
    }

    private void follow(long first, VolumeDescriptor descriptor) throws IOException {
        long start = first;
        VolumeDescriptor primary = descriptor;
        while (primary != null && starts.size() < MOST) {
            starts.add(start);
            start = next(start + Math.max(1, primary.blocks() * primary.blockSize() / Disc.SECTOR));
            primary = start < 0 ? null : primary(start);
        }
    }

    /// What the session that begins there says of itself, if it is one.
    private @Nullable VolumeDescriptor primary(long start) throws IOException {
        if ((start + DESCRIPTOR + 1) * Disc.SECTOR > disc.size()) {
            return null;
        }
        MemorySegment sector = disc.meta((start + DESCRIPTOR) * Disc.SECTOR, Disc.SECTOR, "a volume descriptor");
        if (!VolumeDescriptor.isPrimary(sector)) {
            return null;
        }
        try {
            VolumeDescriptor primary =
                    VolumeDescriptor.readAll(disc, start).all().getFirst();
            return primary.root().extent() * primary.blockSize() >= start * Disc.SECTOR ? primary : null;
        } catch (ErrnoException e) {
            if (start == 0) {
                throw e;
            }
            return null; // it only looks like one
        }
    }

    /// The begin of the first session at `from` or behind, or -1.
    private long next(long from) throws IOException {
        long end = Math.min(from + GAP, disc.size() / Disc.SECTOR);
        for (long sector = from + DESCRIPTOR; sector < end; sector += CHUNK) {
            int length = (int) Math.min(CHUNK, end - sector) * Disc.SECTOR;
            Extent extent = disc.device().extent(sector * Disc.SECTOR, length);
            long start = extent.isHole() && extent.length() >= length ? -1 : in(sector, length);
            if (start >= 0) {
                return start;
            }
        }
        return -1;
    }

    private long in(long first, int length) throws IOException {
        MemorySegment bytes = disc.scan(first * Disc.SECTOR, length);
        for (int at = 0; at < length; at += Disc.SECTOR) {
            long start = first + at / Disc.SECTOR - DESCRIPTOR;
            if (VolumeDescriptor.isPrimary(bytes.asSlice(at, Disc.SECTOR)) && primary(start) != null) {
                return start;
            }
        }
        return -1;
    }

    /// The one that a mount asks for: the first is 1; 0 is the last.
    ///
    /// @throws ErrnoException EINVAL if there is no such session
    static long choose(List<Long> starts, int number) throws ErrnoException {
        if (starts.isEmpty()) {
            throw EINVAL.error("not ISO 9660");
        }
        if (number > starts.size()) {
            throw EINVAL.error("option session=%d: there are %d", number, starts.size());
        }
        return starts.get((number == 0 ? starts.size() : number) - 1);
    }
}
