/// Disk images and all other file systems of the runnable kernel as `java.nio.file` file systems: `rump:` URIs.
module jpuffs.nio {
    requires transitive jpuffs.rumpfs;
    requires static transitive org.jspecify;

    exports jpuffs.nio;

    provides java.nio.file.spi.FileSystemProvider with
            jpuffs.nio.RumpFileSystemProvider;
}
