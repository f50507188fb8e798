// SPDX-License-Identifier: BSD-2-Clause
/// `puffs fs`: the usual tools for files on disk images, which are not mounted for it.
///
/// ```
/// int status = FsCommand.run(List.of("cp", "-a", "tree", "disk.img@p2:/srv"), servers, System.in, System.out,
/// System.err);
/// ```
///
/// An operand becomes a `Place`, a path on a `Volume`. A volume is a process of a rump kernel: that of an image, or
/// one whose root is the host's, by the mirror of `null`. So a tool makes the same system calls on both sides, and
/// knows no difference. `Volumes` opens what the operands name, each image once, and writable only for a tool that
/// writes there. Names are bytes; text is for patterns and for the user.
///
/// A tool goes on after a failure with the next operand, says what failed (`Context#complain`) as the tool of the
/// same name in GNU coreutils does, and ends with its exit code.
@NullMarked
package jpuffs.cli.fs;

import org.jspecify.annotations.NullMarked;
