// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import jpuffs.puffs.MountOptions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// Cases that FAT and exFAT can express, on images of mkfs.fat(8) and mkfs.exfat(8), in process and mounted; after
/// each case fsck.fat(8) or fsck.exfat(8) must find nothing wrong.
class FatTest {
    /// What neither has.
    private static final Set<Feature> MISSING = EnumSet.of(
            Feature.LINKS,
            Feature.LINK_COUNTS,
            Feature.SYMLINKS,
            Feature.LONG_SYMLINKS,
            Feature.FIFOS,
            Feature.DEVICES,
            Feature.MODES,
            Feature.CASE,
            Feature.USERS,
            Feature.DIRECTORY_LINKS,
            Feature.NANOSECONDS,
            Feature.WIDE_TIMES,
            Feature.CTIME,
            Feature.ATIME,
            Feature.ANY_BYTES,
            Feature.HUGE_FILES,
            Feature.SPARSE,
            Feature.SEEK_HOLE,
            Feature.FALLOCATE,
            Feature.PUNCH_HOLE,
            Feature.ZERO_RANGE,
            Feature.COLLAPSE_RANGE,
            Feature.TMPFILE,
            Feature.RENAME_FLAGS,
            Feature.WHITEOUT,
            Feature.XATTRS,
            Feature.LARGE_XATTRS,
            Feature.TRUSTED_XATTRS,
            Feature.ACLS,
            Feature.IN_ROOT,
            Feature.FILE_HANDLES);

    /// The cases that wait for no clock, which goes in steps of two seconds.
    private static final Class<?>[] QUICK = {
        CreateCases.class,
        IoCases.class,
        LookupCases.class,
        NameCases.class,
        ReaddirCases.class,
        RenameCases.class,
        UnlinkCases.class
    };

    /// An image of this command, as in `mkfs.fat -F 16`.
    private static RumpVolume volume(String type, String checker, String... maker) {
        for (String program : List.of(maker[0], checker)) {
            boolean here = Files.isExecutable(Path.of(program));
            if (!here && Boolean.getBoolean("jpuffs.ci")) {
                throw new AssertionError("no " + program);
            }
            Assumptions.assumeTrue(here, "no " + program);
        }
        return RumpVolume.madeBy(List.of(maker), type, List.of(checker, "-n"), 0)
                .mountedWith("umask=0");
    }

    private static RumpVolume fat(String... options) {
        String[] maker =
                Stream.concat(Stream.of("/sbin/mkfs.fat"), Stream.of(options)).toArray(String[]::new);
        return volume("vfat", "/sbin/fsck.fat", maker);
    }

    private static RumpVolume exfat() {
        return volume("exfat", "/sbin/fsck.exfat", "/sbin/mkfs.exfat", "-c", "4096");
    }

    private static Set<Feature> missingInFat() {
        var missing = EnumSet.copyOf(MISSING);
        missing.addAll(List.of(Feature.LARGE_FILES, Feature.SECONDS, Feature.BTIME));
        return missing;
    }

    private static Env fat16() {
        return new RumpEnv("fat16", missingInFat(), fat("-F", "16"));
    }

    private static Env fat32() {
        return new RumpEnv("fat32", missingInFat(), fat("-F", "32", "-s", "1"));
    }

    private static Env exfatInProcess() {
        return new RumpEnv("exfat", MISSING, exfat());
    }

    private static MountOptions mountOptions() {
        return MountOptions.defaults().withEntryTtl(Duration.ZERO).withNegativeTtl(Duration.ZERO);
    }

    @TestFactory
    Stream<DynamicTest> someOnFat32() {
        return Matrix.quick(FatTest::fat32, QUICK);
    }

    @TestFactory
    Stream<DynamicTest> someOnExfat() {
        return Matrix.quick(FatTest::exfatInProcess, QUICK);
    }

    @Tag("long")
    @TestFactory
    Stream<DynamicTest> someOnFat16() {
        return Matrix.quick(FatTest::fat16, QUICK);
    }

    @Tag("long")
    @Tag("mounted")
    @Tag("root")
    @TestFactory
    Stream<DynamicTest> someOnFat32Mounted() {
        return Matrix.quick(
                () -> new MountedEnv("fat32", missingInFat(), fat("-F", "32", "-s", "1"), mountOptions()), QUICK);
    }

    @Tag("long")
    @Tag("mounted")
    @Tag("root")
    @TestFactory
    Stream<DynamicTest> someOnExfatMounted() {
        return Matrix.quick(() -> new MountedEnv("exfat", MISSING, exfat(), mountOptions()), QUICK);
    }
}
