/// Tests of file systems as a library: POSIX cases, environments, conditions.
@NullMarked
package jpuffs.testkit;

import org.jspecify.annotations.NullMarked;
