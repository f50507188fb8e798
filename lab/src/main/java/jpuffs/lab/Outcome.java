// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

/// How a case went.
///
/// @param detail why it failed or was skipped; else empty
record Outcome(String name, Kind kind, String detail, long millis) {
    /// How.
    enum Kind {
        PASSED,
        FAILED,
        /// It needs what there is not.
        SKIPPED,
        /// It ended by a fault that ended the connection.
        CUT;

        /// As it is printed.
        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
