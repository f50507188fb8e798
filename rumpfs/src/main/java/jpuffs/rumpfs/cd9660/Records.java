// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jpuffs.core.Attr;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Time;
import jpuffs.rumpfs.cd9660.DirIndex.Place;
import jpuffs.rumpfs.cd9660.SystemUse.Budget;
import org.jspecify.annotations.Nullable;

/// What directory records mean, in the tree that is shown and by the options of the mount.
///
/// A file's inode number is the place of its record (halved: places are even), a directory's that of its content. A
/// file that Rock Ridge says has several names is told by the place of its data, which they share, or, if it has
/// none, by the serial number.
record Records(Disc disc, View view, MountOptions options) {
    private static final long BY_DATA = 1L << 48;
    private static final long BY_SERIAL = 1L << 49;
    private static final long ONE_RECORD = 4 << 20; // of continuations
    private static final Set<Name> MOVED = Set.of(Name.of("rr_moved"), Name.of(".rr_moved"));
    private static final int MAX_LINKS = 65_535;

    /// What Rock Ridge says of a record: nothing, where there is none.
    RockRidge rockRidge(DirRec rec, Budget budget) throws IOException {
        if (!view.hasRockRidge()) {
            return new RockRidge();
        }
        var systemUse = new SystemUse(disc, view.volume().blockSize(), view.extension(), budget);
        return RockRidge.read(systemUse, rec.systemUse(view.skip()));
    }

    /// The name that is shown, or null if none can be.
    @Nullable
    Name name(DirRec rec, RockRidge rock) {
        Name posix = Names.posix(rock.name());
        if (posix != null) {
            return posix;
        }
        return switch (view.volume().kind()) {
            case PRIMARY -> Names.iso(rec.name(), options.mapsNames());
            case ENHANCED -> Names.enhanced(rec.name());
            case JOLIET -> Names.joliet(rec.name(), rec.position());
        };
    }

    /// The type bits of the mode.
    int type(DirRec rec, RockRidge rock) {
        if (rec.has(DirRec.DIRECTORY) || rock.childLink >= 0) {
            return Mode.S_IFDIR;
        }
        int type = rock.mode & Mode.S_IFMT;
        return switch (type) {
            case Mode.S_IFLNK, Mode.S_IFCHR, Mode.S_IFBLK, Mode.S_IFIFO, Mode.S_IFSOCK -> type;
            default -> Mode.S_IFREG;
        };
    }

    long ino(DirRec rec, RockRidge rock) {
        int type = type(rec, rock);
        if (type == Mode.S_IFDIR) {
            return view.offset(rock.childLink >= 0 ? rock.childLink : rec.dataBlock()) >> 1;
        }
        if (rock.nlink > 1 && type == Mode.S_IFREG && rec.dataLength() > 0) {
            return BY_DATA | rec.extent();
        }
        return rock.nlink > 1 && rock.serial != 0 ? BY_SERIAL | rock.serial : rec.position() >> 1;
    }

    /// Whether a record is that of a directory that belongs elsewhere, though it does not say so: makefs leaves RE
    /// out. The directory itself tells.
    boolean isMoved(DirRec rec, Budget budget) throws IOException {
        if (!rec.has(DirRec.DIRECTORY)) {
            return false;
        }
        long begin = view.offset(rec.dataBlock());
        int dot = View.dot(disc, begin).length();
        MemorySegment sector = disc.meta(begin, Disc.SECTOR, "a directory");
        DirRec above = DirRec.of(sector, dot, Disc.SECTOR, begin + dot);
        return rockRidge(above, budget).hasParentLink;
    }

    /// The file of a place in the directory `parent`.
    ///
    /// @throws IOException EUCLEAN
    IsoNode node(Cd9660Fs fs, Directory parent, Place place) throws IOException {
        List<DirRec> all = again(parent, place);
        DirRec first = all.getFirst();
        RockRidge rock = rockRidge(first, new Budget(ONE_RECORD));
        Attr attr = attr(first, rock, place.type()).withIno(place.ino());
        if (place.type() == Mode.S_IFDIR) {
            fs.adopt(parent.ino(), place.ino());
            return directory(fs, first, rock, attr, fs.isRoot(parent) && MOVED.contains(place.name()));
        }
        return switch (place.type()) {
            case Mode.S_IFREG -> file(fs, all, rock, attr);
            case Mode.S_IFLNK -> new SymbolicLink(fs, attr.withSize(rock.target().length, 0), rock.target());
            default -> new SpecialFile(fs, attr.withRdev(Mode.isDevice(attr.mode()) ? rock.rdev : 0));
        };
    }

    /// The records of a file, read once more.
    private List<DirRec> again(Directory parent, Place place) throws IOException {
        var scan = new DirScan(disc, place.position(), parent.end());
        var all = new ArrayList<DirRec>();
        for (int i = 0; i < place.records(); i++) {
            DirRec rec = scan.next();
            if (rec == null) { // two records tell different lengths of the directory
                throw EUCLEAN.error("the directory at %d ends too early", parent.begin());
            }
            all.add(rec);
        }
        return all;
    }

    private Directory directory(Cd9660Fs fs, DirRec rec, RockRidge rock, Attr attr, boolean holdsMoved)
            throws IOException {
        if (rock.childLink < 0) {
            return new Directory(fs, attr, view.offset(rec.dataBlock()), rec.dataLength(), holdsMoved);
        }
        long begin = view.offset(rock.childLink); // what is said of it is there
        DirRec dot = View.dot(disc, begin);
        Attr moved = attr(dot, rockRidge(dot, new Budget(ONE_RECORD)), Mode.S_IFDIR);
        return new Directory(fs, moved.withIno(attr.ino()), begin, dot.dataLength(), false);
    }

    private RegularFile file(Cd9660Fs fs, List<DirRec> all, RockRidge rock, Attr attr) {
        long[] offsets =
                all.stream().mapToLong(rec -> view.offset(rec.dataBlock())).toArray();
        long[] lengths = all.stream().mapToLong(DirRec::dataLength).toArray();
        var sections = new Sections(disc, offsets, lengths);
        String unreadable = rock.isSparse ? "a sparse file of Rock Ridge" : "";
        if (all.stream().anyMatch(DirRec::isInterleaved)) {
            unreadable = "an interleaved file";
        }
        long blocks = (sections.length() + 511) / 512;
        Zisofs zisofs = rock.zisofs == null || options.nocompress() ? null : new Zisofs(sections, rock.zisofs);
        long size =
                zisofs == null ? sections.length() : Math.max(0, zisofs.format().size());
        return new RegularFile(fs, attr.withSize(size, blocks), sections, zisofs, unreadable);
    }

    /// The root.
    Directory root(Cd9660Fs fs) throws IOException {
        DirRec root = view.volume().root();
        long begin = view.offset(root.dataBlock());
        disc.check(begin, root.dataLength(), "the root directory");
        DirRec dot = View.dot(disc, begin);
        RockRidge rock = rockRidge(dot, new Budget(ONE_RECORD));
        if (root.dataLength() == 0) {
            throw EUCLEAN.error("the root directory is empty");
        }
        return new Directory(fs, attr(dot, rock, Mode.S_IFDIR).withIno(begin >> 1), begin, root.dataLength(), false);
    }

    /// All but the inode number, the size of a file that is no directory, and the number of a device.
    private Attr attr(DirRec rec, RockRidge rock, int type) {
        Time modified = either(rock.modified, rec.date());
        Time changed = either(rock.changed, either(rock.created, modified));
        int nlink = rock.hasAttributes ? Math.clamp(rock.nlink, 1, MAX_LINKS) : 1;
        return new Attr(
                0,
                type | permissions(rock, type == Mode.S_IFDIR),
                nlink,
                options.uid() >= 0 ? (int) options.uid() : rock.uid,
                options.gid() >= 0 ? (int) options.gid() : rock.gid,
                0,
                rec.dataLength(),
                (rec.dataLength() + 511) / 512,
                Disc.SECTOR,
                either(rock.accessed, modified),
                modified,
                changed,
                either(rock.created, modified));
    }

    private int permissions(RockRidge rock, boolean directory) {
        boolean told = rock.hasAttributes && !options.overridesModes();
        int preset = directory ? options.dmode() : options.mode();
        if (told || preset < 0 && rock.hasAttributes) {
            return rock.mode & 07777;
        }
        return preset >= 0 ? preset : directory ? 0555 : 0444;
    }

    private static Time either(@Nullable Time time, Time other) {
        return time == null ? other : time;
    }
}
