// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import java.io.IOException;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.DirSink;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.rumpfs.cd9660.ElTorito.Image;
import org.jspecify.annotations.Nullable;

/// The directory of the boot images. The root does not list it, so that a copy of the tree is the tree; who names
/// it finds it.
final class BootFiles extends IsoNode {
    static final Name NAME = Name.of(".eltorito");

    private static final long INO = 1L << 50;

    private final List<Image> images;
    private final Attr root;

    /// @param root the attributes of the root, of which it has owner and times
    BootFiles(Cd9660Fs fs, Attr root, List<Image> images) {
        super(fs, root.withIno(INO).withSize(0, 0));
        this.root = root;
        this.images = images;
    }

    private IsoNode node(int i) {
        Image image = images.get(i);
        Attr attr = Attr.file(0444, image.length())
                .withIno(INO + 1 + i)
                .withOwner(root.uid(), root.gid())
                .withBlksize(Disc.SECTOR)
                .withTimes(root.atime(), root.mtime(), root.ctime());
        var sections = new Sections(fs.records().disc(), new long[] {image.offset()}, new long[] {image.length()});
        return new RegularFile(fs, attr, sections, null, "");
    }

    @Override
    public @Nullable Node lookup(Name name) {
        for (int i = 0; i < images.size(); i++) {
            if (name.is(images.get(i).name())) {
                return node(i);
            }
        }
        return null;
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        for (int i = (int) Math.min(cookie, images.size()); i < images.size(); i++) {
            IsoNode node = node(i);
            if (!sink.add(
                    Name.of(images.get(i).name()), node.ino(), node.getattr().mode(), i + 1)) {
                return;
            }
        }
    }
}
