// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.Locale;

/// How many times as fast as a peer one of ours wants to be.
///
/// @param ours the name of a contender
/// @param peer the name of another
record SftpGoal(String ours, String peer, double ratio) {
    static SftpGoal sshfs(double ratio) {
        return new SftpGoal(SftpContender.OURS, SftpContender.SSHFS, ratio);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s ≥ %.1f", peer, ratio);
    }
}
