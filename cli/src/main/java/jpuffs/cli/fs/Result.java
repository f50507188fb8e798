// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.util.Objects;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// What a call has answered or thrown, for somebody who asks later, or in another thread.
record Result<T>(@Nullable T value, @Nullable ErrnoException failure) {
    /// A call that answers something.
    @FunctionalInterface
    interface Call<T> {
        T run() throws ErrnoException;
    }

    static <T> Result<T> of(Call<T> call) {
        try {
            return new Result<>(call.run(), null);
        } catch (ErrnoException e) {
            return new Result<>(null, e);
        }
    }

    /// @throws ErrnoException what the call threw
    T get() throws ErrnoException {
        if (failure != null) {
            throw failure;
        }
        return Objects.requireNonNull(value);
    }
}
