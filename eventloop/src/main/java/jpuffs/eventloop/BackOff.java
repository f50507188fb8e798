// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

/// When to try again what may be in vain: after a try in vain one occasion passes unused, after the next two, then
/// four, up to 256; a try that was not begins anew. For one thread at a time.
///
/// ```java
/// if (backOff.isDue()) {
///     backOff.learn(look());
/// }
/// ```
public final class BackOff {
    private static final int MAX_PAUSE = 256;

    private int pause; // occasions until the next try
    private int nextPause = 1;

    /// One that uses the first occasion.
    public BackOff() {}

    /// Tells of an occasion: whether to use it.
    public boolean isDue() {
        if (pause == 0) {
            return true;
        }
        pause--;
        return false;
    }

    /// What came of a try.
    public void learn(boolean found) {
        pause = found ? 0 : nextPause;
        nextPause = found ? 1 : Math.min(2 * nextPause, MAX_PAUSE);
    }
}
