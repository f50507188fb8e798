// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import jpuffs.puffs.MountOptions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The cases on ext2, ext3 and ext4 as mke2fs(8) makes them, in process and mounted; after each case e2fsck(8) must
/// find nothing wrong.
class Ext2fsTest {
    private static final Path MKE2FS = Path.of("/sbin/mke2fs");
    private static final List<String> E2FSCK = List.of("/sbin/e2fsck", "-fn");

    private static final Duration FOR_EVER = Duration.ofDays(365);

    /// The blocks of the smallest journal.
    private static final int JOURNAL_BLOCKS = 1024;

    /// @param name `ext4`, with what is special about it
    /// @param options of mke2fs
    private record Variant(String name, String type, List<String> options) {
        Variant(String name, String type, String... options) {
            this(name, type, List.of(options));
        }

        RumpVolume volume() {
            var maker = new ArrayList<>(List.of(MKE2FS.toString(), "-q", "-F", "-t", type));
            maker.addAll(options);
            boolean journal = !type.equals("ext2") && options.stream().noneMatch(o -> o.contains("^has_journal"));
            return RumpVolume.madeBy(maker, type, E2FSCK, journal ? (long) JOURNAL_BLOCKS * blockSize() : 0);
        }

        private int blockSize() {
            return Integer.parseInt(options.get(options.indexOf("-b") + 1));
        }

        /// What neither this file system nor the kernel's has.
        EnumSet<Feature> missing() {
            var missing = EnumSet.of(Feature.COLLAPSE_RANGE, Feature.IN_ROOT);
            if (!type.equals("ext4")) {
                missing.addAll(List.of(Feature.FALLOCATE, Feature.PUNCH_HOLE, Feature.ZERO_RANGE));
            }
            if (options.contains("128")) { // bytes of an inode
                missing.addAll(List.of(Feature.NANOSECONDS, Feature.WIDE_TIMES, Feature.BTIME));
            }
            if (!options.contains("4096")) {
                missing.addAll(List.of(Feature.LONG_SYMLINKS, Feature.LARGE_XATTRS));
            }
            if (!type.equals("ext4") || !options.contains("4096")) {
                missing.add(Feature.HUGE_FILES);
            }
            return missing;
        }

        Env inProcess() {
            return new RumpEnv(name, missing(), volume());
        }

        /// As the command mounts it. With auto_cache the kernel may drop a page that another process is just writing
        /// to, and keep what it then read before the server had that write.
        Env mounted() {
            MountOptions options = MountOptions.defaults()
                    .withAttrTtl(FOR_EVER)
                    .withEntryTtl(FOR_EVER)
                    .withNegativeTtl(FOR_EVER)
                    .withAutoCache(false);
            return new MountedEnv(name, missing(), volume(), options);
        }
    }

    private static final Variant EXT2_1K = new Variant("ext2 1k", "ext2", "-b", "1024", "-I", "128");
    private static final Variant EXT2_4K = new Variant("ext2 4k", "ext2", "-b", "4096");
    private static final Variant EXT3_2K = new Variant("ext3 2k", "ext3", "-b", "2048");
    private static final Variant EXT4_1K = new Variant("ext4 1k", "ext4", "-b", "1024");
    private static final Variant EXT4_4K = new Variant("ext4 4k", "ext4", "-b", "4096");
    private static final Variant EXT4_PLAIN =
            new Variant("ext4 2k, plain", "ext4", "-b", "2048", "-O", "^metadata_csum,^64bit,^flex_bg,^has_journal");
    private static final Variant EXT4_INLINE =
            new Variant("ext4 4k, inline data", "ext4", "-b", "4096", "-O", "inline_data,metadata_csum_seed");
    private static final Variant EXT4_META_BG =
            new Variant("ext4 1k, meta_bg", "ext4", "-b", "1024", "-O", "meta_bg,^resize_inode");

    private static void requireTools() {
        boolean here = Files.isExecutable(MKE2FS);
        if (!here && Boolean.getBoolean("jpuffs.ci")) {
            throw new AssertionError("no " + MKE2FS);
        }
        Assumptions.assumeTrue(here, "no " + MKE2FS);
    }

    private static Stream<DynamicTest> quick(Variant variant) {
        requireTools();
        return Matrix.quick(variant::inProcess);
    }

    private static Stream<DynamicTest> quickMounted(Variant variant) {
        requireTools();
        return Matrix.quick(variant::mounted);
    }

    @TestFactory
    Stream<DynamicTest> ext2Of1k() {
        return quick(EXT2_1K);
    }

    @TestFactory
    Stream<DynamicTest> ext4() {
        return quick(EXT4_4K);
    }

    @Tag("long")
    @TestFactory
    Stream<DynamicTest> otherVariants() {
        return Stream.of(EXT2_4K, EXT3_2K, EXT4_1K, EXT4_PLAIN, EXT4_INLINE, EXT4_META_BG)
                .flatMap(Ext2fsTest::quick);
    }

    @Tag("long")
    @TestFactory
    Stream<DynamicTest> slowCases() {
        requireTools();
        return Stream.of(EXT2_4K, EXT4_4K).flatMap(variant -> Matrix.slow(variant::inProcess));
    }

    @Tag("mounted")
    @Tag("root")
    @TestFactory
    Stream<DynamicTest> ext4Mounted() {
        return quickMounted(EXT4_4K);
    }

    @Tag("long")
    @Tag("mounted")
    @Tag("root")
    @TestFactory
    Stream<DynamicTest> otherVariantsMounted() {
        return Stream.of(EXT2_1K, EXT2_4K, EXT3_2K, EXT4_1K, EXT4_INLINE).flatMap(Ext2fsTest::quickMounted);
    }
}
