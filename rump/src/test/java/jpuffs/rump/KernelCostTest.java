// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// An empty kernel is small: NetBSD's takes 0.7 to 1.5 MB.
@Timeout(60)
class KernelCostTest {
    private static final int KERNELS = 64;

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static List<Kernel> boot() throws ErrnoException {
        var kernels = new ArrayList<Kernel>();
        for (int i = 0; i < KERNELS; i++) {
            var kernel = new Kernel(new CountingFs());
            assertThat(kernel.newProcess(Cred.ROOT).getpid()).isEqualTo(1); // each counts for itself
            kernels.add(kernel);
        }
        return kernels;
    }

    @Test
    void anEmptyKernelTakesLittleMemory() throws ErrnoException {
        boot().forEach(Kernel::close); // what is loaded once
        long before = heap();
        List<Kernel> kernels = boot();
        long each = (heap() - before) / KERNELS;
        kernels.forEach(Kernel::close);
        assertThat(each).isLessThan(1_500_000 / 10);
    }
}
