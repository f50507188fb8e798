// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// The process on whose behalf an operation runs. The driver (file server, rump kernel) binds it round each
/// operation of a waist; an operation asks [#current()].
///
/// @param cred the credentials of the process
/// @param pid its process id in the driver's pid name space; 0 for the kernel itself or a process outside of
///     that name space
public record Caller(Cred cred, int pid) {
    /// The kernel itself, and what [#current()] says outside of any operation.
    public static final Caller KERNEL = new Caller(Cred.ROOT, 0);

    private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

    /// The caller of the operation that runs here.
    public static Caller current() {
        return CURRENT.orElse(KERNEL);
    }

    /// Runs `operation` on behalf of this caller.
    public void run(Runnable operation) {
        ScopedValue.where(CURRENT, this).run(operation);
    }

    /// Runs `operation` on behalf of this caller, for its result.
    public <R, X extends Throwable> R call(ScopedValue.CallableOp<? extends R, X> operation) throws X {
        return ScopedValue.where(CURRENT, this).call(operation);
    }
}
