// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import java.io.IOException;
import jpuffs.core.Time;

/// The entry of a file in its directory, in memory: written back by [Directory#write].
public abstract class FileRec {
    // (FAT32 specification, "DIR_Attr"; exFAT specification 7.4.4)
    public static final int ATTR_READ_ONLY = 0x01;
    public static final int ATTR_DIRECTORY = 0x10;
    public static final int ATTR_ARCHIVE = 0x20;

    public abstract int attributes();

    public abstract void setAttributes(int attributes);

    public final boolean has(int attribute) {
        return (attributes() & attribute) != 0;
    }

    public final void set(int attribute, boolean on) {
        setAttributes(on ? attributes() | attribute : attributes() & ~attribute);
    }

    public final boolean isDirectory() {
        return has(ATTR_DIRECTORY);
    }

    /// The bytes of the file.
    public abstract long length();

    public abstract void setLength(long length);

    /// How many of them were ever written; those behind are zeros. Default: all.
    public long validLength() {
        return length();
    }

    /// Sets that, if the format knows it.
    public void setValidLength(long length) {}

    /// Whether the format knows it; else what was never written must be filled with zeros.
    public boolean keepsValidLength() {
        return false;
    }

    /// When the content was last changed.
    public abstract Time modified();

    public abstract void setModified(Time time);

    public abstract Time accessed();

    public abstract void setAccessed(Time time);

    public abstract Time born();

    public abstract void setBorn(Time time);

    /// Says where the content is.
    public abstract void setChain(Chain chain) throws IOException;

    public abstract FileRec copy();

    /// Takes over what belongs to the file and not to its name, of one of the same format.
    public abstract void copyFileOf(FileRec other);
}
