// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// GETATTR, STATX, SETATTR, STATFS, ACCESS.
class AttrTest extends SessionFixture {
    /// A file that tells what it is asked to change, and what tests want it to be.
    private static final class Probe implements Node {
        final List<SetAttr> changes = new ArrayList<>();
        Attr attr = Attr.file(0644, 10).withIno(9);

        @Override
        public Attr getattr() {
            return attr;
        }

        @Override
        public Attr setattr(SetAttr change) {
            changes.add(change);
            return attr;
        }

        @Override
        public Handle open(int flags) {
            return new Handle(this, flags) {
                @Override
                public Attr getattr() {
                    return attr.withSize(77);
                }

                @Override
                public Attr setattr(SetAttr change) {
                    changes.add(change.withCtime(Time.EPOCH)); // as a mark
                    return attr.withSize(78);
                }
            };
        }
    }

    private final Probe probe = new Probe();

    private DirectKernel startProbe() throws IOException {
        return start(FileSystem.of(probe), MountOptions.defaults());
    }

    /// Each field has a number of its own.
    private Reply setattr(int valid, long fh) {
        return kernel.call(
                Opcode.SETATTR,
                ROOT,
                body().u32(valid)
                        .u32(0)
                        .u64(fh)
                        .u64(12)
                        .u64(13)
                        .u64(14)
                        .u64(-15)
                        .u64(16)
                        .u32(17)
                        .u32(18)
                        .u32(19)
                        .u32(Mode.S_IFREG | 04755)
                        .u32(0)
                        .u32(20)
                        .u32(21)
                        .u32(0));
    }

    static List<Object[]> fields() {
        SetAttr none = SetAttr.none();
        return List.of(
                new Object[] {1, none.withMode(Mode.S_IFREG | 04755)},
                new Object[] {1 << 1, none.withUid(20)},
                new Object[] {1 << 2, none.withGid(21)},
                new Object[] {1 << 3, none.withSize(12)},
                new Object[] {1 << 4, none.withAtime(new Time(14, 17))},
                new Object[] {1 << 5, none.withMtime(new Time(-15, 18))},
                new Object[] {1 << 9, none},
                new Object[] {1 << 10, none.withCtime(new Time(16, 19))},
                new Object[] {1 << 11, none.with(SetAttr.KILL_SUID)},
                new Object[] {0, none},
                new Object[] {
                    1 | 1 << 1 | 1 << 2,
                    none.withMode(Mode.S_IFREG | 04755).withUid(20).withGid(21)
                },
                new Object[] {1 << 3 | 1 << 9 | 1 << 11, none.withSize(12).with(SetAttr.KILL_SUID)});
    }

    @ParameterizedTest
    @MethodSource("fields")
    void everyFieldIsReadWhereItIsAskedFor(int valid, SetAttr change) throws IOException {
        startProbe();
        setattr(valid, 0).ok();
        assertThat(probe.changes).containsExactly(change);
    }

    @Test
    void theTimeOfNowIsThatOfTheDriver() throws IOException {
        startProbe();
        Time before = Time.now();
        setattr(1 << 4 | 1 << 5 | 1 << 7 | 1 << 8, 0).ok();
        SetAttr change = probe.changes.getFirst();
        assertThat(change.valid()).isEqualTo(SetAttr.ATIME | SetAttr.MTIME | SetAttr.ATIME_NOW | SetAttr.MTIME_NOW);
        assertThat(change.atime()).isBetween(before, Time.now());
        assertThat(change.mtime()).isBetween(before, Time.now());
    }

    @Test
    void anOpenFileIsAskedItself() throws IOException {
        startProbe();
        long fh = kernel.open(ROOT, 0);
        assertThat(setattr(1 << 6 | 1, fh).ok().u64(Wire.AttrOut.ATTR + 8)).isEqualTo(78);
        assertThat(probe.changes.getFirst().has(SetAttr.CTIME)).isTrue();
        Reply reply =
                kernel.call(Opcode.GETATTR, ROOT, body().u32(1).u32(0).u64(fh)).ok();
        assertThat(reply.u64(Wire.AttrOut.ATTR + 8)).isEqualTo(77);
        setattr(1 << 6 | 1, fh + 1).fails(EBADF);
        kernel.call(Opcode.GETATTR, ROOT, body().u32(1).u32(0).u64(fh + 1)).fails(EBADF);
        kernel.call(Opcode.STATX, ROOT, body().u32(1).u32(0).u64(fh + 1).u64(0)).fails(EBADF);
    }

    @ParameterizedTest
    @CsvSource({"16,56", "32,60", "1024,64"})
    void timesWithTooManyNanosecondsAreRefused(int valid, int at) throws IOException {
        startProbe();
        for (int nanos : new int[] {1_000_000_000, -1, Integer.MIN_VALUE}) {
            byte[] body = new byte[88];
            byte[] bytes = body().u32(nanos).toBytes();
            System.arraycopy(bytes, 0, body, at, 4);
            System.arraycopy(body().u32(valid).toBytes(), 0, body, 0, 4);
            kernel.call(Opcode.SETATTR.number(), ROOT, body).fails(EINVAL);
        }
        assertThat(probe.changes).isEmpty();
    }

    @Test
    void aNegativeSizeIsRefused() throws IOException {
        startProbe();
        kernel.call(Opcode.SETATTR, ROOT, body().u32(8).zeros(12).u64(-1).zeros(64))
                .fails(EINVAL);
    }

    @Test
    void statxTellsTheTimeOfBirthWhereItIsKnown() throws IOException {
        startProbe();
        assertThat(statx().u32(Wire.StatxOut.MASK)).isEqualTo(0x7ff);
        probe.attr = probe.attr.withTimes(new Time(-5, 6)).withRdev(0x12345678);
        Reply reply = statx();
        assertThat(reply.u32(Wire.StatxOut.MASK)).isEqualTo(0xfff);
        assertThat(reply.u64(Wire.StatxOut.BTIME)).isEqualTo(-5);
        assertThat(reply.u32(Wire.StatxOut.BTIME + 8)).isEqualTo(6);
        assertThat(reply.u32(Wire.StatxOut.RDEV_MAJOR)).isEqualTo(0x456);
        assertThat(reply.u32(Wire.StatxOut.RDEV_MINOR)).isEqualTo(0x12378);
        assertThat(reply.bytes()).hasSize(288);
    }

    private Reply statx() {
        return kernel.call(Opcode.STATX, ROOT, body().zeros(24)).ok();
    }

    @Test
    void statfs() throws IOException {
        start();
        Reply reply = kernel.call(Opcode.STATFS, ROOT, body()).ok();
        assertThat(reply.bytes()).hasSize(80);
        assertThat(reply.u64(Wire.Kstatfs.BAVAIL)).isEqualTo(800);
    }

    @ParameterizedTest
    @CsvSource({"0,255", "-1,255", "512,-1"})
    void statfsOfNonsenseIsRefused(int blockSize, int nameMax) throws IOException {
        var nonsense = new FileSystem() {
            @Override
            public Node root() {
                return probe;
            }

            @Override
            public StatFs statfs() {
                return new StatFs(blockSize, 1, 1, 1, 1, 1, nameMax);
            }
        };
        start(nonsense, MountOptions.defaults());
        kernel.call(Opcode.STATFS, ROOT, body()).fails(EIO);
    }

    @Test
    void accessIsCheckedByOwnerGroupAndOthers() throws IOException {
        probe.attr = Attr.file(0640, 0).withOwner(1000, 100);
        startProbe();
        kernel.as(1000, 5);
        access(4 | 2).ok();
        access(1).fails(EACCES);
        kernel.as(1001, 100);
        access(4).ok();
        access(2).fails(EACCES);
        kernel.as(1001, 101);
        access(0).ok();
        access(4).fails(EACCES);
        kernel.as(0, 0);
        access(6).ok();
        access(1).fails(EACCES);
    }

    private Reply access(int mask) {
        return kernel.call(Opcode.ACCESS, ROOT, body().u32(mask).u32(0));
    }

    // What the options show instead

    @Test
    void ownersAndPermissionsAreShownAsTheOptionsSay() throws IOException {
        probe.attr = Attr.file(06640, 0).withOwner(1000, 100);
        var options = MountOptions.defaults().withUid(7).withGid(8).withUmask(027);
        start(FileSystem.of(probe), options);
        DirectKernel.assertAttr(
                kernel.getattr(ROOT).ok(), Wire.AttrOut.ATTR, Attr.file(0750, 0).withOwner(7, 8));
        Reply statx = statx();
        assertThat(statx.u32(Wire.StatxOut.UID)).isEqualTo(7);
        assertThat(statx.u32(Wire.StatxOut.GID)).isEqualTo(8);
        assertThat(statx.u16(Wire.StatxOut.MODE)).isEqualTo(Mode.S_IFREG | 0750);
    }

    @Test
    void eachOptionStandsAlone() throws IOException {
        probe.attr = Attr.file(06640, 0).withOwner(1000, 100);
        start(FileSystem.of(probe), MountOptions.defaults().withUid(0));
        DirectKernel.assertAttr(
                kernel.getattr(ROOT).ok(), 16, Attr.file(06640, 0).withOwner(0, 100));
    }

    // Impossible attributes

    static List<Attr> impossible() {
        Attr file = Attr.file(0644, 10);
        return List.of(
                file.withMode(Mode.S_IFDIR | 0755),
                file.withMode(0644),
                file.withMode(0170644),
                file.withSize(-1, 0),
                file.withSize(1, -1),
                file.withNlink(-1));
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void impossibleAttributesAreRefused(Attr attr) throws IOException {
        startProbe();
        long fh = kernel.open(ROOT, 0);
        probe.attr = attr;
        kernel.getattr(ROOT).fails(EIO);
        kernel.call(Opcode.STATX, ROOT, body().zeros(24)).fails(EIO);
        setattr(1, 0).fails(EIO);
        probe.attr = Attr.file(0644, 0);
        kernel.getattr(ROOT).ok();
        kernel.release(ROOT, fh);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBlockSizeOfZeroIsTheDriversChoice(boolean zero) throws IOException {
        probe.attr = probe.attr.withBlksize(zero ? 0 : 512);
        startProbe();
        int blksize = kernel.getattr(ROOT).ok().u32(Wire.AttrOut.ATTR + Wire.AttrRec.BLKSIZE);
        assertThat(blksize).isEqualTo(zero ? 4096 : 512);
    }
}
