// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The way from client to server, and how much is done over it: less over a slow one.
enum SftpLine {
    STRAIGHT("Straight", 0, 0),
    FAR("A line of 20 ms", 20, 0),
    NARROW("A line of 20 ms and 100 Mbit/s", 20, 100_000_000),

    /// Not timed: bytes and requests are counted, of the work that is done over the long line.
    COUNTED("On the wire", 0, 0);

    /// How much is done.
    ///
    /// @param write MiB
    /// @param read MiB
    /// @param files that are unpacked; and their folders
    /// @param ios random reads
    /// @param warm MiB to warm up
    /// @param warmFiles files to warm up
    record Sizes(int write, int read, int files, int ios, int warm, int warmFiles) {
        /// All sizes of files that are read or copied.
        IntStream megabytes() {
            return IntStream.of(write, read, warm);
        }

        /// All numbers of files that are unpacked.
        IntStream counts() {
            return IntStream.of(files, warmFiles);
        }
    }

    private final String title;
    private final int millis;
    private final long bits;

    SftpLine(String title, int millis, long bits) {
        this.title = title;
        this.millis = millis;
        this.bits = bits;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    String title() {
        return title;
    }

    /// How long a byte and its answer take.
    int millis() {
        return millis;
    }

    /// Bits a second each way; 0 for no limit.
    long bits() {
        return bits;
    }

    /// @param quick whether it is only to see that everything works
    Sizes sizes(boolean quick) {
        if (quick) {
            return new Sizes(32, 32, 20, 640, 8, 5);
        }
        return switch (this) {
            case STRAIGHT -> new Sizes(512, 512, 1000, 98_304, 64, 200);
            case FAR, COUNTED -> new Sizes(256, 128, 100, 1024, 32, 10);
            case NARROW -> new Sizes(32, 32, 20, 0, 8, 5);
        };
    }

    /// The different sizes of one kind that any line uses, as words.
    static String each(boolean quick, Function<Sizes, IntStream> which) {
        return Arrays.stream(values())
                .flatMapToInt(line -> which.apply(line.sizes(quick)))
                .distinct()
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" "));
    }

    @Override
    public String toString() {
        return id();
    }
}
