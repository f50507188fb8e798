/// The waists: files (`Node`), blocks (`BlockDevice`), characters (`CharDevice`), and the words they use.
@NullMarked
package jpuffs.core;

import org.jspecify.annotations.NullMarked;
