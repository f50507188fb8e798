// SPDX-License-Identifier: BSD-2-Clause
/// The laboratory for authors of file servers. [Main] is `puffs lab`: it runs testkit's cases against a server,
/// which is any that `puffs syspuffs` can run, and tells how it did.
///
/// `Conformance` (cases and their outcomes) - `ServerVolume` (a server for one case) - `Tap` (stands between the
/// server and its kernel half: `Counters`, `Journal`, `Faults`) - `Report`. `Replay` says a journal to a server
/// again.
///
/// It is apart from the command since it has JUnit and AssertJ with it, which no mount should pay for.
@NullMarked
package jpuffs.lab;

import org.jspecify.annotations.NullMarked;
