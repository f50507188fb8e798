/// The file servers of the house: dtfs, null, and small ones to copy from.
@NullMarked
package jpuffs.servers;

import org.jspecify.annotations.NullMarked;
