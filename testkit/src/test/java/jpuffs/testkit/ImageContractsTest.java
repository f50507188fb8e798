// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.image.Images;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Disks in containers keep to what every device has to do; then QEMU finds the containers sound.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ImageContractsTest {
    private static final String QEMU_IMG = "/usr/bin/qemu-img";

    @TempDir
    private Path folder;

    private static void qemuImg(String... words) throws Exception {
        var command = new ArrayList<>(List.of(QEMU_IMG));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended && process.exitValue() == 0).as("%s", command).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qcow2 cluster_size=64k",
                "qcow2 cluster_size=512",
                "qcow2 extended_l2=on",
                "vpc subformat=dynamic",
                "vpc subformat=fixed",
                "vhdx block_size=1M"
            })
    void containers(String kind) throws Exception {
        boolean here = Files.isExecutable(Path.of(QEMU_IMG));
        assumeTrue(here || Boolean.getBoolean("jpuffs.ci"), "no qemu-img");
        String image = folder.resolve("image").toString();
        String format = kind.split(" ", -1)[0];
        qemuImg("create", "-q", "-f", format, "-o", kind.split(" ", -1)[1], image, "2M");
        try (BlockDevice device = Images.open(DiskName.parse(image), false)) {
            BlockDeviceContract.check(device, Seed.of(kind));
        }
        if (!format.equals("vpc")) {
            qemuImg("check", "-q", "-f", format, image);
        }
        try (BlockDevice device = Images.open(DiskName.parse(image), true)) {
            BlockDeviceContract.check(device, 1);
        }
    }
}
