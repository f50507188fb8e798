// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import java.io.IOException;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.DirSink;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.rumpfs.cd9660.DirIndex.Place;
import org.jspecify.annotations.Nullable;

/// A directory. A cookie is the number of an entry, from 1.
final class Directory extends IsoNode {
    private final long begin;
    private final long length;
    private final boolean holdsMoved;

    /// @param begin of its records on the disc
    /// @param length of them all
    /// @param holdsMoved it is where writers put directories that are too deep
    Directory(Cd9660Fs fs, Attr attr, long begin, long length, boolean holdsMoved) {
        super(fs, attr.withSize(length));
        this.begin = begin;
        this.length = length;
        this.holdsMoved = holdsMoved;
    }

    long begin() {
        return begin;
    }

    long length() {
        return length;
    }

    boolean holdsMoved() {
        return holdsMoved;
    }

    /// Where its records end.
    long end() {
        return begin + length;
    }

    @Override
    public @Nullable Node lookup(Name name) throws IOException {
        Place place = fs.index(this).get(name);
        return place == null ? fs.bootFiles(this, name) : fs.records().node(fs, this, place);
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        List<Place> places = fs.index(this).places();
        for (long at = cookie; at < places.size(); at++) {
            Place place = places.get((int) at);
            if (!sink.add(place.name(), place.ino(), place.type(), at + 1)) {
                return;
            }
        }
    }
}
