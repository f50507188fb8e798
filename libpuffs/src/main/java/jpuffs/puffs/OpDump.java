// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.lang.System.Logger.Level;
import java.util.concurrent.ConcurrentHashMap;
import jpuffs.core.Caller;
import jpuffs.core.Errno;
import org.jspecify.annotations.Nullable;

/// Logs each operation and its result, for `-o dump`; passes both on to another hook if there is one.
final class OpDump implements OperationHook {
    private record Running(long nodeid, long since) {}

    private static final System.Logger LOG = System.getLogger("jpuffs.dump");

    private final ConcurrentHashMap<Long, Running> running = new ConcurrentHashMap<>();
    private final @Nullable OperationHook next;

    OpDump(@Nullable OperationHook next) {
        this.next = next;
    }

    @Override
    public void before(Opcode op, long unique, long nodeid, Caller caller) {
        running.put(unique, new Running(nodeid, System.nanoTime()));
        LOG.log(
                Level.INFO,
                () -> "> " + unique + " " + op + " node " + nodeid + " pid " + caller.pid() + " " + caller.cred());
        if (next != null) {
            next.before(op, unique, nodeid, caller);
        }
    }

    @Override
    public void after(Opcode op, long unique, int errno) {
        Running request = running.remove(unique);
        long micros = request == null ? 0 : (System.nanoTime() - request.since) / 1000;
        String result = errno == 0 ? "ok" : Errno.of(errno).toString();
        LOG.log(Level.INFO, () -> "< " + unique + " " + op + " " + result + " " + micros + " us");
        if (next != null) {
            next.after(op, unique, errno);
        }
    }
}
