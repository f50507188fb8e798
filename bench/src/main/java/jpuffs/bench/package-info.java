// SPDX-License-Identifier: BSD-2-Clause
/// Benchmarks: the comparison with peers (`./puffs bench`), and JMH for the parts (`./puffs bench --jmh`).
///
/// [Main] sets up a [Workbench]: a source folder on tmpfs, the client program `load` and libfuse's passthrough_ll,
/// both compiled here. A [Run] then starts every [Contender] in one [Mode] side by side and takes a [Sample] of
/// each [Workload] from each of them in turn, round by round, so that what disturbs the machine disturbs all of
/// them. [Results] keep the samples, [Report] and [Charts] write them down.
///
/// Nothing here may hang or leave anything behind: children have deadlines ([Proc]), and whatever was mounted,
/// started or set is undone by [Undo], at the end or when the JVM is told to stop. All of it runs on one thread.
@NullMarked
package jpuffs.bench;

import org.jspecify.annotations.NullMarked;
