// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Disk images by the command: newfs, identify, mount, fsck, with the tools of e2fsprogs as judges.
@Tag("mounted")
@Tag("root")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ImageTest {
    private Scratch scratch;

    @BeforeEach
    void prepare() throws IOException {
        scratch = Scratch.make("image");
    }

    @AfterEach
    void cleanUp() throws IOException {
        if (scratch != null) { // else the test was skipped
            scratch.close();
        }
    }

    private String run(String script) throws IOException {
        return scratch.run(script);
    }

    @Test
    void madeHereAndReadByOthers() throws IOException {
        run("""
                puffs newfs ext4 disk.img 64M
                e2fsck -fn disk.img
                puffs mount ext4 disk.img mnt
                grep -q "disk.img $PWD/mnt fuse.puffs|p2k|ext2fs " /proc/mounts
                mkdir mnt/d && seq 1 100000 > mnt/d/numbers && ln -s d/numbers mnt/link
                for use in 'serve nbd disk.img' 'serve nbd --read-only disk.img' 'fsck ext4 disk.img' 'newfs ext4 disk.img 1M'; do
                    ! puffs $use 2>said; grep 'is in use as a disk' said
                done
                puffs umount mnt
                e2fsck -fn disk.img
                debugfs -R 'cat /d/numbers' disk.img 2>/dev/null | cmp - <(seq 1 100000)
                """);
    }

    @Test
    void aPartitionMadeByOthers() throws IOException {
        String told = run("""
                truncate -s 80M disk.img
                printf 'label: gpt\\nsize=8M\\nsize=64M, name=data\\n' | sfdisk -q disk.img
                mke2fs -q -F -t ext4 -L second -E offset=$((9 << 20)) disk.img 64M
                puffs identify disk.img
                puffs mount auto disk.img@p2 mnt
                echo hello > mnt/file
                puffs umount mnt
                puffs mount ext4 disk.img@p2 mnt -o ro
                cat mnt/file
                ! touch mnt/new 2>/dev/null
                puffs umount mnt
                dd if=disk.img of=part.img bs=1M skip=9 count=64 status=none
                e2fsck -fn part.img >/dev/null 2>&1
                """);
        assertThat(told)
                .contains("disk.img@p1: no known file system")
                .contains("disk.img@p2: ext4 type=ext2fs label=second")
                .contains("partition-name=data")
                .endsWith("hello\n");
    }

    /// Blocks of 1 KiB, so that not all that is written begins and ends with a page.
    @Test
    void pastTheCacheOfTheHost() throws IOException {
        String told = run("""
                puffs newfs ext4 disk.img 64M -o block=1K
                puffs mount ext4 disk.img mnt -o direct,commit=1 2>err || { cat err; exit 0; }
                seq 1 100000 > mnt/numbers
                for i in {1..200}; do echo "file $i" > mnt/file$i; done
                printf 'x' | dd of=mnt/numbers bs=1 seek=5000 conv=notrunc status=none
                cp mnt/numbers copy
                puffs umount mnt
                e2fsck -fn disk.img >/dev/null 2>&1
                puffs mount ext4 disk.img mnt -o direct,ro
                cmp mnt/numbers copy && cat mnt/file200
                puffs umount mnt
                """);
        assumeTrue(!told.contains("EINVAL"), "the scratch folder's file system has no O_DIRECT");
        assertThat(told).endsWith("file 200\n");
    }

    @Test
    void aDisc() throws IOException {
        boolean here = Files.isExecutable(Path.of("/usr/bin/xorriso"));
        assumeTrue(here || Boolean.getBoolean("jpuffs.ci"), "no /usr/bin/xorriso");
        String told = run("""
                mkdir -p tree/d && seq 9999 > tree/d/n && ln -s d/n tree/l
                xorriso -as mkisofs -quiet -R -J -V DISC -o disc.iso tree
                chmod 444 disc.iso
                puffs identify disc.iso
                puffs mount iso9660 disc.iso mnt -o session=1
                grep "$PWD/mnt" /proc/mounts
                diff -r --no-dereference tree mnt
                ! touch mnt/new 2>/dev/null
                puffs umount mnt
                """);
        assertThat(told)
                .contains("disc.iso: ISO 9660 type=cd9660 label=DISC ", "features=rockridge,joliet")
                .contains("fuse.puffs|p2k|cd9660 ro,");
    }

    @Test
    void anImageInUseIsRefused() throws IOException {
        String told = run("""
                puffs newfs ext2 disk.img 8M
                puffs mount ext2 disk.img mnt
                puffs newfs ext2 disk.img 2>&1 && exit 1
                puffs fsck ext2 disk.img -y 2>&1 && exit 1
                puffs umount mnt
                """);
        assertThat(told).contains("cannot make ext2 on disk.img").contains("in use");
    }

    @Test
    void byAnOrdinaryUser() throws IOException {
        boolean open = Files.getPosixFilePermissions(Path.of("/dev/fuse")).contains(PosixFilePermission.OTHERS_WRITE);
        assumeTrue(open, "/dev/fuse is closed to users");
        run("""
                chmod 755 . && chown nobody mnt
                puffs newfs ext4 disk.img 32M && chown nobody disk.img
                nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@"; }
                nobody %s mount ext4 disk.img mnt
                nobody sh -c 'echo mine > mnt/file && cat mnt/file'
                nobody %s umount mnt
                e2fsck -fn disk.img
                """.formatted(PuffsMount.puffs(), PuffsMount.puffs()));
    }

    /// Without FUSE and without being root.
    @Test
    void fromATreeByAnOrdinaryUser() throws IOException {
        String told = run("""
                chmod 755 . && mkdir out && chown nobody out
                mkdir -p tree/sub && seq 9999 > tree/sub/numbers && ln -s sub/numbers tree/link
                nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@"; }
                export SOURCE_DATE_EPOCH=1000000000
                for i in one two; do nobody %1$s newfs ext4 out/$i.img 16M --from tree; done
                cmp out/one.img out/two.img
                e2fsck -fn out/one.img
                debugfs -R 'cat /sub/numbers' out/one.img 2>/dev/null | cmp - tree/sub/numbers
                ! nobody %1$s newfs fat32 out/usb.img 64M --from tree 2>&1
                rm tree/link && nobody %1$s newfs fat32 out/usb.img 64M --from tree
                fsck.fat -n out/usb.img
                mtype -i out/usb.img ::sub/numbers | cmp - tree/sub/numbers
                ls out
                """.formatted(PuffsMount.puffs()));
        assertThat(told)
                .contains(
                        "puffs: cannot make fat32 on out/usb.img: tree/link: a symbolic link, which fat32 cannot have")
                .endsWith("one.img\ntwo.img\nusb.img\n");
    }

    /// What the first look at `puffs fs` is, without being root and where FUSE is closed to everybody.
    @Test
    void filesOfImagesWithoutFuse() throws IOException {
        boolean here = Files.isExecutable(Path.of("/usr/bin/qemu-img"));
        assumeTrue(here || Boolean.getBoolean("jpuffs.ci"), "no /usr/bin/qemu-img");
        String told = run("""
                chmod 755 . && mkdir out && chown nobody out && : >closed && chmod 0 closed
                mkdir -p tree/etc && seq 9999 >tree/etc/numbers && chmod 640 tree/etc/numbers && chown -R nobody:nogroup tree
                nobody() { # COMMAND...
                    unshare -m bash -ec 'mount --bind closed /dev/fuse
                        exec setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@"' nobody "$@"
                }
                ! nobody test -r /dev/fuse
                nobody %1$s newfs fat32 out/usb.img 64M --from tree
                fsck.fat -n out/usb.img
                nobody %1$s newfs ext4 out/disk.img 16M
                nobody %1$s fs cp -r tree out/disk.img:/
                e2fsck -fn out/disk.img
                debugfs -R 'cat /tree/etc/numbers' out/disk.img 2>/dev/null | cmp - tree/etc/numbers
                truncate -s 32M raw && echo 'start=2048,type=83' | sfdisk -q raw
                mke2fs -q -F -t ext4 -d tree -E offset=1048576 raw 30M
                qemu-img convert -O qcow2 raw disk.qcow2
                nobody %1$s fs ls -l disk.qcow2@p1:/etc
                """.formatted(PuffsMount.puffs()));
        assertThat(told).containsPattern("-rw-r----- 1 65534 65534 +48888 .* numbers\n$");
    }

    /// Whoever replays the journal then, what was fsynced is there. Directories and links come and go meanwhile.
    @Test
    void theServerIsKilled() throws IOException {
        run("server=" + PuffsMount.puffs() + "\n" + """
                truncate -s 64M disk.img && mke2fs -q -F -t ext4 disk.img
                (exec "$server" mount -f ext4 disk.img mnt) >/dev/null 2>&1 & server=$!
                i=0; until [ -d mnt/lost+found ]; do i=$((i + 1)); [ $i -lt 500 ]; sleep 0.1; done
                (while mkdir mnt/a mnt/a/{0..20} && ln -s "$(printf '%0200d' 0)" mnt/a/l && rm -r mnt/a; do :; done) \
                    >/dev/null 2>&1 & work=$!
                for n in $(seq 40); do seq $n 5000 | dd of=mnt/kept$n bs=64k conv=fsync status=none; done
                kill -9 $server; wait $server || true
                umount -l mnt; wait $work || true
                cp disk.img other.img
                e2fsck -fp other.img || [ $? = 1 ]
                e2fsck -fn other.img
                for n in $(seq 40); do debugfs -R "cat /kept$n" other.img 2>/dev/null | cmp - <(seq $n 5000); done
                puffs mount ext4 disk.img mnt
                for n in $(seq 40); do cmp mnt/kept$n <(seq $n 5000); done
                puffs umount mnt
                e2fsck -fn disk.img
                """);
    }

    @Test
    void survivesStressors() throws IOException {
        stress(
                Scratch.LIMIT,
                "--dentry 1 --rename 1 --link 1 --symlink 1 --xattr 1 --fallocate 1 --fallocate-bytes 16M --timeout 3s");
    }

    @Tag("long")
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void survivesAllStressors() throws IOException {
        stress(
                Duration.ofMinutes(14),
                "--class filesystem --sequential 1 --timeout 2s --exclude binderfs,bind-mount,dev,dev-shm,ioprio,procfs,"
                        + "sysfs,urandom,verity,aiol,apparmor,chattr");
    }

    /// The mount lives on, and the image is clean. stress-ng's status is 3 or 4 where it lacks something.
    private void stress(Duration limit, String stressors) throws IOException {
        String told = scratch.run(limit, """
                truncate -s 256M disk.img && mke2fs -q -F -t ext4 disk.img
                puffs mount ext4 disk.img mnt
                s=0; stress-ng --temp-path mnt --verify --oomable STRESSORS || s=$?
                [ $s = 0 ] || [ $s = 3 ] || [ $s = 4 ]
                echo alive > mnt/after && [ "$(cat mnt/after)" = alive ]
                puffs umount mnt
                e2fsck -fn disk.img
                """.replace("STRESSORS", stressors));
        assertThat(told).doesNotContain("fail:");
    }

    @Test
    void exitCodesOfFsckAndIdentify() throws IOException {
        String told = run("""
                truncate -s 16M disk.img && mke2fs -q -F -t ext4 disk.img
                status() { set +e; "$@" >/dev/null 2>&1; echo $?; set -e; }
                status puffs identify disk.img
                truncate -s 1M empty.img
                status puffs identify empty.img
                status puffs identify none.img
                status puffs fsck auto empty.img
                status puffs fsck ext9 disk.img
                puffs identify disk.img --json
                """);
        assertThat(told).startsWith("0\n2\n1\n8\n16\n").contains("\"type\": \"ext2fs\"", "\"state\": \"clean\"");
    }
}
