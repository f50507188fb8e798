// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.core.CharDevice;
import jpuffs.pud.block.DeviceSpec;
import jpuffs.pud.chardev.EchoDevice;
import jpuffs.pud.chardev.LogDevice;
import jpuffs.pud.chardev.NullDevice;
import jpuffs.pud.chardev.RandomDevice;
import jpuffs.pud.chardev.ToggleDevice;
import jpuffs.pud.chardev.ZeroDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The devices that are shipped keep to what every device has to do.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DeviceContractsTest {
    private static final int SIZE = 2 << 20;

    @TempDir
    Path folder;

    private BlockDevice open(String spec, boolean readOnly) throws Exception {
        for (String name : List.of("a", "b")) {
            Files.write(folder.resolve(name), new byte[SIZE]);
        }
        Files.writeString(folder.resolve("key"), "0123456789abcdef0123456789ABCDEF");
        return DeviceSpec.open(spec.replace("@", folder + "/"), readOnly);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ram,size=2M",
                "@a",
                "cow:@a",
                "delay:@a",
                "fault:@a",
                "cipher,key=@key:ram,size=1M",
                "concat:@a+@b",
                "stripe,unit=8k:@a+@b"
            })
    void blockDevices(String spec) throws Exception {
        try (BlockDevice device = open(spec, false)) {
            BlockDeviceContract.check(device, Seed.of(spec));
        }
    }

    @Test
    void aReadOnlyFile() throws Exception {
        try (BlockDevice device = open("@a", true)) {
            BlockDeviceContract.check(device, Seed.of("read-only"));
        }
    }

    @Test
    void characterDevices() throws Exception {
        var log = new LogDevice(new ByteArrayOutputStream(), Clock.systemUTC());
        List<CharDevice> devices = List.of(
                new NullDevice(), new ZeroDevice(), new RandomDevice(), new EchoDevice(), new ToggleDevice(), log);
        for (CharDevice device : devices) {
            CharDeviceContract.check(device);
        }
    }
}
