// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ErrnoTest {
    @Test
    void numbersAreThoseOfLinux() {
        assertThat(Errno.EPERM.number()).isEqualTo(1);
        assertThat(Errno.ENOSYS.number()).isEqualTo(38);
        assertThat(Errno.ENODATA.number()).isEqualTo(61);
        assertThat(Errno.EOPNOTSUPP.number()).isEqualTo(95);
        assertThat(Errno.ESTALE.number()).isEqualTo(116);
        assertThat(Errno.ERFKILL.number()).isEqualTo(133 - 1);
    }

    @Test
    void everyNumberFindsItsConstant() {
        for (Errno errno : Errno.values()) {
            assertThat(Errno.of(errno.number())).isEqualTo(errno);
            assertThat(Errno.isDefined(errno.number())).isTrue();
            assertThat(errno.text()).isNotBlank();
        }
        assertThat(Arrays.stream(Errno.values()).mapToInt(Errno::number)).doesNotHaveDuplicates();
    }

    @Test
    void unknownNumbersAreEio() {
        for (int number : new int[] {0, -2, 41, 58, 133, 255, 256, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThat(Errno.isDefined(number)).isFalse();
            assertThat(Errno.of(number)).isEqualTo(Errno.EIO);
        }
    }

    @Test
    void exceptionsOfTheJdkHaveTheirErrno() {
        assertThat(Errno.of(new NoSuchFileException("x"))).isEqualTo(Errno.ENOENT);
        assertThat(Errno.of(new FileNotFoundException("x"))).isEqualTo(Errno.ENOENT);
        assertThat(Errno.of(new FileAlreadyExistsException("x"))).isEqualTo(Errno.EEXIST);
        assertThat(Errno.of(new DirectoryNotEmptyException("x"))).isEqualTo(Errno.ENOTEMPTY);
        assertThat(Errno.of(new NotDirectoryException("x"))).isEqualTo(Errno.ENOTDIR);
        assertThat(Errno.of(new AccessDeniedException("x"))).isEqualTo(Errno.EACCES);
        assertThat(Errno.of(new NotLinkException("x"))).isEqualTo(Errno.EINVAL);
        assertThat(Errno.of(new FileSystemLoopException("x"))).isEqualTo(Errno.ELOOP);
        assertThat(Errno.of(new InterruptedIOException())).isEqualTo(Errno.EINTR);
        assertThat(Errno.of(new ClosedByInterruptException())).isEqualTo(Errno.EBADF);
        assertThat(Errno.of(new IOException("disk on fire"))).isEqualTo(Errno.EIO);
    }

    @Test
    void reasonsAreWithoutNames() {
        assertThat(Errno.EIO.error().reason()).isEqualTo("Input/output error");
        assertThat(Errno.EIO.error().getMessage()).isEqualTo("EIO: Input/output error");
        assertThat(Errno.EIO.error("f: EIO: %s", "x").reason()).isEqualTo("f: EIO: x");
        assertThat(Errno.EIO.error("f").getMessage()).isEqualTo("EIO: f");
        assertThat(Errno.ENOENT.text(new NoSuchFileException("f"))).isEqualTo("f: No such file or directory");
        assertThat(Errno.EIO.text(new FileSystemException("f", "g", "bad"))).isEqualTo("f: bad");
        assertThat(Errno.EIO.text(new FileSystemException(null))).isEqualTo("Input/output error");
    }

    @Test
    void uncheckedFailuresAreBugsButForAFew() {
        assertThat(Errno.of((Throwable) new ReadOnlyFileSystemException())).isEqualTo(Errno.EROFS);
        assertThat(Errno.of((Throwable) new OutOfMemoryError())).isEqualTo(Errno.ENOMEM);
        assertThat(Errno.of((Throwable) new InterruptedException())).isEqualTo(Errno.EINTR);
        assertThat(Errno.of((Throwable) new IllegalStateException())).isEqualTo(Errno.EIO);
        assertThat(Errno.of((Throwable) Errno.ENOSPC.error())).isEqualTo(Errno.ENOSPC);
    }

    @Test
    void eachThrowHasItsOwnExceptionWithoutTrace() {
        ErrnoException one = Errno.ENOENT.error();
        assertThat(one).isNotSameAs(Errno.ENOENT.error()).hasMessage("ENOENT: No such file or directory");
        assertThat(one.getStackTrace()).isEmpty();
        assertThat(Errno.EUCLEAN.error("inode %d: bad magic", 7)).hasMessage("EUCLEAN: inode 7: bad magic");
        assertThat(Errno.EIO.error("100 %% of %s", "it").getMessage()).isEqualTo("EIO: 100 % of it");
    }
}
