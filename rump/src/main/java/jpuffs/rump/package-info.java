/// The runnable kernel: file systems in process, with no root, no kernel mount and no native call.
@NullMarked
package jpuffs.rump;

import org.jspecify.annotations.NullMarked;
