// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.servers.nullfs.NullFs;

/// `null`: a directory, passed through.
final class NullType implements FileServerType {
    private static final TypeOption PASSTHROUGH = new TypeOption(
            "passthrough", null, "the kernel reads and writes the files by itself; default for root, who alone may");

    @Override
    public String name() {
        return "null";
    }

    @Override
    public List<String> aliases() {
        return List.of("nullfs");
    }

    @Override
    public String summary() {
        return "a directory of this machine, passed through";
    }

    @Override
    public Source source() {
        return Source.DIRECTORY;
    }

    @Override
    public List<TypeOption> options() {
        return List.of(PASSTHROUGH);
    }

    @Override
    public FileSystem open(String source, Path dir, TypeOptions options) throws ErrnoException, Failure {
        boolean passthrough =
                options.flag(PASSTHROUGH, NullFs.Options.defaults().passthrough());
        NullFs fileSystem = NullFs.open(Path.of(source), new NullFs.Options(passthrough));
        if (Files.isDirectory(dir) && fileSystem.contains(dir)) { // it may be a descriptor
            fileSystem.close();
            throw MountFailure.intoItself(source, dir);
        }
        return fileSystem;
    }
}
