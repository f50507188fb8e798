/// Benchmarks: JMH for the parts, a comparison with peers for the whole.
@NullMarked
package jpuffs.bench;

import org.jspecify.annotations.NullMarked;
