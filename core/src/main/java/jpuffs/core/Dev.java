// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// Device numbers in the 32-bit form of the kernel's `new_encode_dev` (12 bits major, 20 bits minor), which FUSE
/// and ext4 share and which is makedev(3) for every device Linux has.
public final class Dev {
    private Dev() {}

    public static int make(int major, int minor) {
        return (minor & 0xff) | (major & 0xfff) << 8 | (minor & 0xfff00) << 12;
    }

    public static int major(int dev) {
        return dev >>> 8 & 0xfff;
    }

    public static int minor(int dev) {
        return dev & 0xff | dev >>> 12 & 0xfff00;
    }
}
