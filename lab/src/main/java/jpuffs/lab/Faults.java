// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import java.util.SplittableRandom;

/// What shall go wrong, and how often: each is the chance of one request.
///
/// @param delay that its answer is held back
/// @param delayMillis for how long
/// @param interrupt that an INTERRUPT follows it. If the answer is EINTR it is asked again, as a system call is
///     that is restarted
/// @param lose that its answer is lost
/// @param crash that the server is killed instead of getting it
record Faults(double delay, int delayMillis, double interrupt, double lose, double crash) {
    static final Faults NONE = new Faults(0, 0, 0, 0, 0);

    /// What shall happen to one request. The first that applies of crash, lose, interrupt and delay.
    enum Fate {
        NONE,
        DELAY,
        INTERRUPT,
        LOSE,
        CRASH
    }

    /// Reads `delay=0.1:20,interrupt=0.05,lose=0.001,crash=0.001`, each part of which may be left out.
    ///
    /// @throws IllegalArgumentException for anything else
    static Faults parse(String text) {
        Faults faults = NONE;
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("faults are NAME=CHANCE with commas between them, not " + part);
            }
            faults = faults.with(part.substring(0, equals), part.substring(equals + 1));
        }
        return faults;
    }

    private Faults with(String name, String value) {
        return switch (name) {
            case "delay" -> {
                int colon = value.indexOf(':');
                int millis = colon < 0 ? 10 : Integer.parseInt(value.substring(colon + 1));
                double chance = chance(colon < 0 ? value : value.substring(0, colon));
                yield new Faults(chance, millis, interrupt, lose, crash);
            }
            case "interrupt" -> new Faults(delay, delayMillis, chance(value), lose, crash);
            case "lose" -> new Faults(delay, delayMillis, interrupt, chance(value), crash);
            case "crash" -> new Faults(delay, delayMillis, interrupt, lose, chance(value));
            default ->
                throw new IllegalArgumentException(
                        "unknown fault " + name + "; there are delay, interrupt, lose and crash");
        };
    }

    private static double chance(String text) {
        double chance = Double.parseDouble(text);
        if (!(chance >= 0 && chance <= 1)) {
            throw new IllegalArgumentException("a chance is from 0 to 1, not " + text);
        }
        return chance;
    }

    /// Whether they end connections, so that a case may end with them.
    boolean areFatal() {
        return lose > 0 || crash > 0;
    }

    /// The fate of the next request; always one draw, so that a seed means the same whatever the fates do.
    Fate next(SplittableRandom random) {
        double draw = random.nextDouble();
        Fate[] fates = {Fate.CRASH, Fate.LOSE, Fate.INTERRUPT, Fate.DELAY};
        double[] chances = {crash, lose, interrupt, delay};
        for (int i = 0; i < fates.length; i++) {
            if (draw < chances[i]) {
                return fates[i];
            }
            draw -= chances[i];
        }
        return Fate.NONE;
    }
}
