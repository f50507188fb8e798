// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// Assertions on failures.
final class Failures {
    private Failures() {}

    /// Asserts that `call` fails with `errno`; what is returned goes on with its message.
    static AbstractThrowableAssert<?, ? extends Throwable> assertFails(Errno errno, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
