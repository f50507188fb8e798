/// One thread, one loop: call contexts, framed channels, timers, signals, child processes.
@NullMarked
package jpuffs.eventloop;

import org.jspecify.annotations.NullMarked;
