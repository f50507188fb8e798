// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EPROTO;
import static jpuffs.puffs.DirectKernel.OFFERED;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.stream.IntStream;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.puffs.wire.Wire.InitOut;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// INIT.
class NegotiationTest extends SessionFixture {
    private static final long ALWAYS = Init.ASYNC_READ
            | Init.ATOMIC_O_TRUNC
            | Init.BIG_WRITES
            | Init.HAS_IOCTL_DIR
            | Init.DO_READDIRPLUS
            | Init.READDIRPLUS_AUTO
            | Init.ASYNC_DIO
            | Init.PARALLEL_DIROPS
            | Init.ABORT_ERROR
            | Init.MAX_PAGES
            | Init.HANDLE_KILLPRIV_V2
            | Init.SETXATTR_EXT
            | Init.INIT_EXT
            | Init.HAS_EXPIRE_ONLY
            | Init.DIRECT_IO_ALLOW_MMAP
            | Init.HAS_RESEND;

    private Reply init(MountOptions options, int minor, long offered) throws IOException {
        session = new Session(fs, options);
        kernel = new DirectKernel(session);
        return kernel.init(minor, offered);
    }

    private static long flags(Reply reply) {
        return reply.u32(InitOut.FLAGS) & 0xffff_ffffL | (long) reply.u32(InitOut.FLAGS2) << 32;
    }

    private long taken(MountOptions options) throws IOException {
        return flags(init(options, 45, OFFERED).ok());
    }

    @Test
    void nothingIsTakenThatIsNotHonoured() throws IOException {
        assertThat(taken(MountOptions.defaults())).isEqualTo(ALWAYS | Init.AUTO_INVAL_DATA | Init.CACHE_SYMLINKS);
    }

    @Test
    void nothingIsTakenThatIsNotOffered() throws IOException {
        fs.keepsLocks = true;
        fs.keepsAcls = true;
        fs.exportable = true;
        long few = Init.ASYNC_READ | Init.INIT_EXT | Init.POSIX_ACL | Init.HAS_RESEND;
        assertThat(flags(init(MountOptions.defaults().withWriteback(true), 45, few)
                        .ok()))
                .isEqualTo(few);
        assertThat(session.negotiation.has(Init.DONT_MASK)).isFalse();
    }

    @Test
    void featuresOfTheFileSystemAreTaken() throws IOException {
        fs.keepsLocks = true;
        fs.keepsAcls = true;
        fs.exportable = true;
        assertThat(taken(MountOptions.defaults()) & ~ALWAYS)
                .isEqualTo(Init.AUTO_INVAL_DATA
                        | Init.CACHE_SYMLINKS
                        | Init.POSIX_LOCKS
                        | Init.FLOCK_LOCKS
                        | Init.POSIX_ACL
                        | Init.DONT_MASK
                        | Init.EXPORT_SUPPORT);
    }

    @Test
    void optionsAreTaken() throws IOException {
        var options =
                MountOptions.defaults().withWriteback(true).withAutoCache(false).withAttrTtl(Duration.ZERO);
        assertThat(taken(options) & ~ALWAYS).isEqualTo(Init.WRITEBACK_CACHE | Init.EXPLICIT_INVAL_DATA);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ringsAndPassthroughAreTakenIfTheTransportHasThem(boolean writeback) throws IOException {
        session = new Session(fs, MountOptions.defaults().withWriteback(writeback));
        session.negotiation.wantRing();
        session.negotiation.wantPassthrough();
        kernel = new DirectKernel(session);
        Reply reply = kernel.init(45, OFFERED).ok();
        assertThat(session.negotiation.has(Init.OVER_IO_URING)).isTrue();
        assertThat(session.negotiation.has(Init.PASSTHROUGH)).isEqualTo(!writeback);
        assertThat(reply.u32(InitOut.MAX_STACK_DEPTH)).isEqualTo(writeback ? 0 : 1);
    }

    /// Without INIT_EXT the kernel looks at 32 flags only, and what it sends in the place of the others means
    /// nothing.
    @Test
    void theUpperFlagsCountWithInitExtOnly() throws IOException {
        Reply reply =
                init(MountOptions.defaults(), 35, OFFERED & ~Init.INIT_EXT).ok();
        assertThat(flags(reply) >>> 30).isZero();
        assertThat(session.negotiation.has(Init.HAS_EXPIRE_ONLY)).isFalse();
    }

    static IntStream minors() {
        return IntStream.rangeClosed(31, 46);
    }

    @ParameterizedTest
    @MethodSource("minors")
    void everyMinorVersionFrom31IsSpoken(int minor) throws IOException {
        Reply reply = init(MountOptions.defaults(), minor, OFFERED).ok();
        assertThat(reply.bytes()).hasSize(InitOut.SIZE);
        assertThat(reply.u32(InitOut.MAJOR)).isEqualTo(7);
        assertThat(reply.u32(InitOut.MINOR)).isEqualTo(45);
        assertThat(session.negotiation.minor()).isEqualTo(Math.min(minor, 45));
    }

    /// Before 7.36 the structure has 16 bytes.
    @Test
    void theShortFormOfInit() throws IOException {
        session = new Session(fs, MountOptions.defaults());
        kernel = new DirectKernel(session);
        var body = body().u32(7).u32(31).u32(65_536).u32((int) OFFERED);
        Reply reply = kernel.call(Opcode.INIT, 0, body).ok();
        assertThat(flags(reply) >>> 32).isZero();
        assertThat(reply.u32(InitOut.MAX_READAHEAD)).isEqualTo(65_536);
    }

    @ParameterizedTest
    @CsvSource({"7,30", "7,0", "6,45", "0,0"})
    void olderVersionsAreRefused(int major, int minor) throws IOException {
        session = new Session(fs, MountOptions.defaults());
        kernel = new DirectKernel(session);
        kernel.call(Opcode.INIT, 0, body().u32(major).u32(minor).zeros(56)).fails(EPROTO);
        assertThat(session.negotiation.failure())
                .hasMessageContaining(major + "." + minor)
                .hasMessageContaining("7.31");
        assertThat(session.negotiation.minor()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {8, -1})
    void aNewerMajorVersionIsToldOurs(int major) throws IOException {
        session = new Session(fs, MountOptions.defaults());
        kernel = new DirectKernel(session);
        Reply reply =
                kernel.call(Opcode.INIT, 0, body().u32(major).u32(0).zeros(56)).ok();
        assertThat(reply.u32(InitOut.MAJOR)).isEqualTo(7);
        assertThat(reply.u32(InitOut.MINOR)).isEqualTo(45);
        assertThat(flags(reply)).isZero();
        assertThat(session.negotiation.minor()).isZero();
        kernel.init(45, OFFERED).ok();
        assertThat(session.negotiation.minor()).isEqualTo(45);
    }

    @Test
    void initComesOnce() throws IOException {
        start();
        long flags = Init.ASYNC_READ;
        kernel.init(45, flags).fails(EPROTO);
        assertThat(session.negotiation.has(Init.SETXATTR_EXT)).isTrue();
        assertThat(session.negotiation.failure()).isNull();
    }

    @Test
    void halfAnInitIsRefused() throws IOException {
        session = new Session(fs, MountOptions.defaults());
        kernel = new DirectKernel(session);
        kernel.call(Opcode.INIT, 0, body().u32(7).u32(45).u32(0)).fails(EINVAL);
    }

    @ParameterizedTest
    @CsvSource({
        "4096, 4096, 1",
        "1, 4096, 1",
        "131072, 131072, 32",
        "1048576, 1048576, 256",
        "2000000000, 1048576, 256",
        "10000, 8192, 2"
    })
    void writesHaveWholePages(int asked, int maxWrite, int pages) throws IOException {
        Reply reply =
                init(MountOptions.defaults().withMaxWrite(asked), 45, OFFERED).ok();
        assertThat(reply.u32(InitOut.MAX_WRITE)).isEqualTo(maxWrite);
        assertThat(reply.u16(InitOut.MAX_PAGES)).isEqualTo(pages);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "131072,131072", "1048576,1048576", "1048577,1048576", "-1,1048576"})
    void readAheadIsWhatTheKernelOffersAtMost(int offered, int taken) throws IOException {
        session = new Session(fs, MountOptions.defaults());
        kernel = new DirectKernel(session);
        Reply reply = kernel.call(
                        Opcode.INIT, 0, body().u32(7).u32(45).u32(offered).zeros(52))
                .ok();
        assertThat(reply.u32(InitOut.MAX_READAHEAD)).isEqualTo(taken);
    }
}
