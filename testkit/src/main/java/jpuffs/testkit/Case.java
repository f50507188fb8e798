// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

/// A test of a file system: what it does when used in one way.
///
/// @param name as in `renameOverNonEmptyDirectory`
/// @param slow whether it may take more than a few seconds
public record Case(String name, boolean slow, Body body) {
    /// What a case does.
    @FunctionalInterface
    public interface Body {
        /// Fails with an AssertionError, or any other exception; a TestAbortedException skips the case.
        void run(Env env) throws Exception;
    }
}
