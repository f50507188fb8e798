/// File servers: serve a `FileSystem` through the kernel.
@NullMarked
package jpuffs.puffs;

import org.jspecify.annotations.NullMarked;
