// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.function.IntConsumer;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Epoll;
import jpuffs.sys.PidFd;
import org.jspecify.annotations.Nullable;

/// Waits for the end of a child and tells its status once.
final class ExitWatch {
    private final PidFd child;
    private final IntConsumer ended;
    private @Nullable Watch watch;

    ExitWatch(PidFd child, IntConsumer ended) {
        this.child = child;
        this.ended = ended;
    }

    Watch start(EventLoop loop) throws ErrnoException {
        Watch started = loop.watch(child.fd(), Epoll.EPOLLIN, this::ready);
        watch = started;
        return started;
    }

    private void ready(int events) {
        int status;
        try {
            status = child.status();
            if (status == PidFd.RUNNING) {
                return;
            }
        } catch (ErrnoException e) {
            status = PidFd.RUNNING; // not our child to ask
        }
        if (watch != null) {
            watch.close();
        }
        ended.accept(status);
    }
}
