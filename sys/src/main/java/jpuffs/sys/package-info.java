/// Every native call of the house, by the Foreign Function and Memory API.
@NullMarked
package jpuffs.sys;

import org.jspecify.annotations.NullMarked;
