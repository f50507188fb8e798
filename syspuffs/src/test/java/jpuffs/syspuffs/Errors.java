// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// What a call is to fail with.
final class Errors {
    private Errors() {}

    static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
