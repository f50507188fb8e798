// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The comparison on disk images. Contenders take turns as in [Run]; before a cold workload a contender is
/// unmounted and mounted, and the kernel's caches are dropped, those of the image's file too.
final class ImageRun implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");

    private final Workbench bench;
    private final Images images;
    private final Results results;
    private final List<Seat> seats = new ArrayList<>();
    private final List<Workload> workloads = Workloads.images(); // made once: each is the key of its results

    /// A contender with its image, mounted or not.
    private final class Seat {
        final Contender contender;
        private final Path source;
        private final Path dir;
        private Served served;

        Seat(Contender contender) throws IOException {
            this.contender = contender;
            this.source = images.sourceOf(contender);
            this.dir = bench.temp().resolve("image-" + contender.name().replaceAll("\\W", ""));
            this.served = start();
        }

        private Served start() throws IOException {
            Path at = contender.name().equals(Images.KERNEL) ? images.mountLoop(source) : source;
            Served started = Served.start(contender.serve(Mode.IMAGE, at, dir), at, dir, bench.undo());
            Files.createDirectories(started.dir().resolve("own"));
            return started;
        }

        void remount() throws IOException {
            stop();
            Files.writeString(DROP_CACHES, "3");
            served = start();
        }

        void stop() throws IOException {
            served.close();
            if (contender.name().equals(Images.KERNEL)) {
                MountTable.unmount(served.dir());
            }
        }

        Workload.Place place() {
            Path own = served.dir().resolve("own");
            return new Workload.Place(
                    served.dir(), own, bench.tar(), bench.options().millis());
        }
    }

    ImageRun(Workbench bench, Images images, List<Contender> contenders, Results results) throws IOException {
        this.bench = bench;
        this.results = results;
        this.images = images;
        for (Contender contender : contenders) {
            try {
                seats.add(new Seat(contender));
            } catch (IOException e) {
                String reason = "does not start: " + e.getMessage();
                Main.say(contender + " " + reason);
                workloads.forEach(w -> results.fail(new Results.Cell(w, contender), reason));
            }
        }
    }

    /// All rounds; one more comes before them, which does not count.
    void rounds() throws IOException {
        int rounds = bench.options().rounds();
        for (int round = 0; round <= rounds; round++) {
            Main.say(round == 0 ? "images: warming up" : "images: round " + round + " of " + rounds);
            for (Workload workload : workloads) {
                if (bench.options().runs(workload)) {
                    turn(workload, round);
                }
            }
        }
    }

    private void turn(Workload workload, int round) throws IOException {
        var order = new ArrayList<>(seats);
        Collections.rotate(order, -round);
        for (Seat seat : order) {
            var cell = new Results.Cell(workload, seat.contender);
            if (results.failed(cell)) {
                continue;
            }
            try {
                Sample sample = sample(workload, seat);
                if (round > 0) {
                    results.add(cell, sample);
                }
            } catch (IOException e) {
                results.fail(cell, String.valueOf(e.getMessage()));
            }
        }
    }

    private Sample sample(Workload workload, Seat seat) throws IOException {
        List<String> before = workload.before().words(seat.place());
        if (!before.isEmpty()) {
            Proc.run(DEADLINE, bench.load(before));
        }
        if (workload.cold()) {
            seat.remount();
        }
        return Sample.parse(Proc.run(DEADLINE, bench.load(workload.load().words(seat.place()))));
    }

    @Override
    public void close() throws IOException {
        for (Seat seat : seats) {
            seat.stop();
        }
    }
}
