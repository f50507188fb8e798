/// The `puffs` command.
@NullMarked
package jpuffs.cli;

import org.jspecify.annotations.NullMarked;
