// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
            Feature.LARGE_FILES, // exFAT has, but without holes the image would have to be as large
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
            Feature.FILE_COUNTS,
            Feature.IN_ROOT,
            Feature.FILE_HANDLES);

    /// Cases that wait little for the clock, which goes in steps of up to two seconds.
    private static final Class<?>[] QUICK = {
        CreateCases.class,
        IoCases.class,
        LookupCases.class,
        NameCases.class,
        ReaddirCases.class,
        RenameCases.class,
        UnlinkCases.class
    };

    /// Some that the kernel's caches matter for: names of any letters, files without one, data.
    private static final Class<?>[] QUICK_MOUNTED = {
        LookupCases.class, NameCases.class, RandomCases.class, UnlinkCases.class
    };

    /// @param size of the image: what is right for this width and size of clusters
    /// @param maker the program, with options
    private record Variant(String name, String type, long size, String checker, List<String> maker) {
        private static Variant fat(String name, int mib, String... options) {
            var maker = new ArrayList<>(List.of("/sbin/mkfs.fat"));
            maker.addAll(List.of(options));
            return new Variant(name, "vfat", (long) mib << 20, "/sbin/fsck.fat", maker);
        }

        private RumpVolume volume() {
            for (String program : List.of(maker.getFirst(), checker)) {
                boolean here = Files.isExecutable(Path.of(program));
                if (!here && Boolean.getBoolean("jpuffs.ci")) {
                    throw new AssertionError("no " + program);
                }
                Assumptions.assumeTrue(here, "no " + program);
            }
            return RumpVolume.madeBy(maker, type, List.of(checker, "-n"), 0)
                    .mountedWith("umask=0")
                    .ofSize(size);
        }

        private Set<Feature> missing() {
            var missing = EnumSet.copyOf(MISSING);
            if (!type.equals("exfat")) {
                missing.addAll(List.of(Feature.SECONDS, Feature.BTIME));
            }
            return missing;
        }

        private Env inProcess() {
            return new RumpEnv(name, missing(), volume());
        }

        /// As the command mounts it: the kernel cannot know which names are one.
        private Env mounted() {
            MountOptions options = MountOptions.defaults()
                    .withAttrTtl(Duration.ofDays(365))
                    .withEntryTtl(Duration.ZERO)
                    .withNegativeTtl(Duration.ZERO)
                    .withAutoCache(false);
            return new MountedEnv(name, missing(), volume(), options);
        }
    }

    private static final Variant FAT12 = Variant.fat("fat12", 24, "-F", "12", "-s", "16");
    private static final Variant FAT16 = Variant.fat("fat16", 32, "-F", "16", "-s", "1");
    private static final Variant FAT32 = Variant.fat("fat32", 64, "-F", "32", "-s", "1");
    private static final Variant EXFAT =
            new Variant("exfat", "exfat", 64 << 20, "/sbin/fsck.exfat", List.of("/sbin/mkfs.exfat", "-c", "4096"));

    private static Stream<Variant> all() {
        return Stream.of(FAT12, FAT16, FAT32, EXFAT);
    }

    @TestFactory
    Stream<DynamicTest> some() {
        return Stream.of(FAT32, EXFAT).flatMap(variant -> Matrix.quick(variant::inProcess, QUICK));
    }

    @Tag("mounted")
    @Tag("root")
    @TestFactory
    Stream<DynamicTest> someMounted() {
        return Stream.of(FAT32, EXFAT).flatMap(variant -> Matrix.quick(variant::mounted, QUICK_MOUNTED));
    }

    @Tag("long")
    @TestFactory
    Stream<DynamicTest> allCases() {
        return all().flatMap(variant -> Matrix.quick(variant::inProcess));
    }

    @Tag("long")
    @Tag("mounted")
    @Tag("root")
    @TestFactory
    Stream<DynamicTest> allCasesMounted() {
        return all().flatMap(variant -> Matrix.quick(variant::mounted));
    }
}
