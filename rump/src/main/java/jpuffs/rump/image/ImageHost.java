// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import java.io.IOException;
import java.nio.file.Path;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.ImageFile;

/// How images come to their files, and to which: the one door of [Images] to the host. Programs extend it to use
/// other calls of the system.
public class ImageHost {
    /// That opens files as [FileDisk] does, and backing files only near the image.
    public static final ImageHost NEAR = new ImageHost(Backing.NEAR);

    private final Backing backing;

    /// Which files an image may stand on. Its maker says which it stands on, who may be anybody: an image from
    /// elsewhere must not bring files of this machine into a disk that others get to see.
    public enum Backing {
        /// None.
        NONE,
        /// Regular files in the directory of the image or below, links followed.
        NEAR,
        /// All that the user can read.
        ANY
    }

    public ImageHost(Backing backing) {
        this.backing = backing;
    }

    final Backing backing() {
        return backing;
    }

    /// Opens and locks a file.
    ///
    /// @throws IOException as [FileDisk#open(Path, boolean)]
    public ImageFile open(Path path, boolean readOnly) throws IOException {
        return FileDisk.file(path, readOnly);
    }

    /// A new file, which is gone when it is closed: for what is too large for memory.
    ///
    /// @throws IOException the host's
    public ImageFile scratch() throws IOException {
        return FileDisk.scratch();
    }
}
