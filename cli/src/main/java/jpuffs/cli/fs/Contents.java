// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jpuffs.core.OpenFlags.O_APPEND;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.core.OpenFlags.O_TRUNC;
import static jpuffs.core.OpenFlags.O_WRONLY;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import jpuffs.core.ErrnoException;

/// cat, sha256 and write.
final class Contents {
    private static final int BUFFER = 1 << 20;

    private Contents() {}

    /// Takes bytes of a file; false if it wants no more.
    @FunctionalInterface
    private interface Sink {
        boolean take(byte[] bytes, int count);
    }

    static void cat(Context context, List<Place> places) {
        for (Place place : places) {
            try {
                read(place, context::write);
            } catch (ErrnoException e) {
                context.complain(place + ": " + Context.text(e));
            }
        }
    }

    static void sha256(Context context, List<Place> places) {
        for (Place place : places) {
            try {
                var digest = MessageDigest.getInstance("SHA-256");
                read(place, (bytes, count) -> {
                    digest.update(bytes, 0, count);
                    return true;
                });
                context.out().println(HexFormat.of().formatHex(digest.digest()) + "  " + place);
            } catch (ErrnoException e) {
                context.complain(place + ": " + Context.text(e));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e); // each JDK has it
            }
        }
    }

    private static void read(Place place, Sink sink) throws ErrnoException {
        int fd = place.open(O_RDONLY, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER, 4096);
            var bytes = new byte[BUFFER];
            boolean more = true;
            while (more) {
                int count = place.calls().read(fd, buffer);
                MemorySegment.ofArray(bytes).asSlice(0, count).copyFrom(buffer.asSlice(0, count));
                more = count > 0 && sink.take(bytes, count);
            }
        } finally {
            place.calls().close(fd);
        }
    }

    /// Standard input becomes the file.
    static void write(Context context, List<Place> places) throws IOException, UsageException {
        if (places.size() > 1) {
            throw new UsageException("extra operand '" + places.get(1) + "'");
        }
        Place place = places.getFirst();
        int fd;
        try {
            fd = place.open(O_WRONLY | O_CREAT | (context.has("a") ? O_APPEND : O_TRUNC), 0666);
        } catch (ErrnoException e) {
            context.complain("cannot create", place, e);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER, 4096);
            var bytes = new byte[BUFFER];
            for (int n = context.in().readNBytes(bytes, 0, BUFFER);
                    n > 0;
                    n = context.in().readNBytes(bytes, 0, BUFFER)) {
                MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, n);
                for (int done = 0; done < n; ) {
                    done += place.calls().write(fd, buffer.asSlice(done, n - done));
                }
            }
        } catch (ErrnoException e) {
            context.complain("error writing", place, e);
        } finally {
            place.calls().close(fd);
        }
    }
}
