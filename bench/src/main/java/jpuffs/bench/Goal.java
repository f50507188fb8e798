// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.Locale;

/// How much faster than whom we want to be.
///
/// @param peer whom we are compared with
/// @param ratio their time over ours, at least
/// @param ringsOnly whether only our server with io_uring is held to it
record Goal(Peer peer, double ratio, boolean ringsOnly) {
    /// Whom we compare with: contenders by the start of their name; where several fit, the fastest.
    enum Peer {
        PASSTHROUGH_LL("ll"),
        NATIVE("native"),
        FUSE2FS("fuse2fs"),
        KERNEL("kernel");

        private final String prefix;

        Peer(String prefix) {
            this.prefix = prefix;
        }

        boolean is(Contender contender) {
            return contender.name().startsWith(prefix);
        }

        String label() {
            return prefix;
        }
    }

    static Goal passthroughLl(double ratio) {
        return new Goal(Peer.PASSTHROUGH_LL, ratio, false);
    }

    static Goal passthroughLlByRings(double ratio) {
        return new Goal(Peer.PASSTHROUGH_LL, ratio, true);
    }

    static Goal fuse2fs(double ratio) {
        return new Goal(Peer.FUSE2FS, ratio, false);
    }

    static Goal kernel(double ratio) {
        return new Goal(Peer.KERNEL, ratio, false);
    }

    static Goal nativeFolder(double ratio) {
        return new Goal(Peer.NATIVE, ratio, false);
    }

    /// Is our contender held to it?
    boolean holdsFor(Contender ours) {
        return !ringsOnly || ours.rings();
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s ≥ %.1f%s", peer.label(), ratio, ringsOnly ? " (ring)" : "");
    }
}
