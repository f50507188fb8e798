// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.nio.file.Path;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.FileSystem;

/// A type with options of each kind, which serves an empty directory.
final class FakeType implements FileServerType {
    static final TypeOption SPEED = new TypeOption("speed", "N", "how fast; default: 1");
    static final TypeOption WILD = new TypeOption("wild", null, "without care");

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public List<String> aliases() {
        return List.of("fakefs", "false");
    }

    @Override
    public String summary() {
        return "nothing";
    }

    @Override
    public Source source() {
        return Source.NONE;
    }

    @Override
    public List<TypeOption> options() {
        return List.of(SPEED, WILD);
    }

    @Override
    public FileSystem open(String source, Path dir, TypeOptions options) {
        return FileSystem.of(() -> Attr.directory(0755));
    }
}
