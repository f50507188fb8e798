// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import jpuffs.core.FileSystem;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/// A [Session] over a [MemFs], and its kernel. At the end of each test everything must have been given back.
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class SessionFixture {
    static final long ROOT = Wire.ROOT_ID;

    final MemFs fs = new MemFs();
    Session session;
    DirectKernel kernel;

    /// The kernel of a session with default options after INIT.
    DirectKernel start() throws IOException {
        return start(MountOptions.defaults());
    }

    DirectKernel start(MountOptions options) throws IOException {
        return start(fs, options);
    }

    DirectKernel start(FileSystem served, MountOptions options) throws IOException {
        session = new Session(served, options);
        kernel = new DirectKernel(session).init();
        return kernel;
    }

    @AfterEach
    void everythingIsGivenBack() {
        if (session != null) {
            session.close();
            if (session.fs == fs) {
                fs.assertAllGivenBack();
            }
        }
    }
}
