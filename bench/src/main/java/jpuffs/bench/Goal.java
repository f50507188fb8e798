// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How much faster than whom we want to be.
///
/// @param peer whom we are compared with
/// @param ratio their time over ours, at least
/// @param ringsOnly whether only our server with io_uring is held to it
/// @param also a further goal, or null
record Goal(
        Peer peer,
        double ratio,
        boolean ringsOnly,
        @Nullable Goal also) {
    /// Whom we compare with: contenders by the start of their name; where several fit, the fastest.
    enum Peer {
        PASSTHROUGH_LL("ll"),
        LL_WITH_XATTRS("ll xattr"),
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
        return new Goal(Peer.PASSTHROUGH_LL, ratio, false, null);
    }

    static Goal passthroughLlWithXattrs(double ratio) {
        return new Goal(Peer.LL_WITH_XATTRS, ratio, false, null);
    }

    static Goal passthroughLlByRings(double ratio) {
        return new Goal(Peer.PASSTHROUGH_LL, ratio, true, null);
    }

    static Goal fuse2fs(double ratio) {
        return new Goal(Peer.FUSE2FS, ratio, false, null);
    }

    static Goal kernel(double ratio) {
        return new Goal(Peer.KERNEL, ratio, false, null);
    }

    static Goal nativeFolder(double ratio) {
        return new Goal(Peer.NATIVE, ratio, false, null);
    }

    /// This goal, and that one too.
    Goal and(Goal other) {
        return new Goal(peer, ratio, ringsOnly, other);
    }

    /// This one and the further ones.
    Stream<Goal> all() {
        return also == null ? Stream.of(this) : Stream.concat(Stream.of(this), also.all());
    }

    /// Is our contender held to it?
    boolean holdsFor(Contender ours) {
        return !ringsOnly || ours.rings();
    }

    @Override
    public String toString() {
        String first = String.format(Locale.ROOT, "%s ≥ %.1f%s", peer.label(), ratio, ringsOnly ? " (ring)" : "");
        return also == null ? first : first + ", " + also;
    }
}
