// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.util.function.Supplier;

/// Who asks: user id, group id and supplementary groups. User 0 is privileged.
///
/// The supplementary groups may cost a look-up (FUSE does not carry them), so they are asked for once and only when
/// needed.
public final class Cred {
    private static final int[] NO_GROUPS = {};

    /// The super-user, also the credentials of what the kernel does by itself.
    public static final Cred ROOT = of(0, 0);

    private final int uid;
    private final int gid;
    private final Supplier<int[]> lookup;
    private volatile int[] groups = NO_GROUPS;
    private volatile boolean known;

    private Cred(int uid, int gid, Supplier<int[]> lookup) {
        this.uid = uid;
        this.gid = gid;
        this.lookup = lookup;
    }

    public static Cred of(int uid, int gid, int... groups) {
        int[] copy = groups.clone();
        return new Cred(uid, gid, () -> copy);
    }

    /// Credentials whose supplementary groups `lookup` tells, at most a few times.
    public static Cred lazy(int uid, int gid, Supplier<int[]> lookup) {
        return new Cred(uid, gid, lookup);
    }

    public int uid() {
        return uid;
    }

    public int gid() {
        return gid;
    }

    /// A copy of the supplementary groups.
    public int[] groups() {
        return known().clone();
    }

    public boolean isPrivileged() {
        return uid == 0;
    }

    /// Whether `group` is the group or one of the supplementary groups.
    public boolean inGroup(int group) {
        if (group == gid) {
            return true;
        }
        for (int g : known()) {
            if (g == group) {
                return true;
            }
        }
        return false;
    }

    private int[] known() {
        if (!known) {
            groups = lookup.get();
            known = true;
        }
        return groups;
    }

    @Override
    public String toString() {
        return "uid " + Integer.toUnsignedString(uid) + " gid " + Integer.toUnsignedString(gid);
    }
}
