/// File servers: serve a `FileSystem` through the kernel.
module jpuffs.puffs {
    requires transitive jpuffs.eventloop;
    requires jdk.jfr;
    requires static transitive org.jspecify;

    exports jpuffs.puffs;
}
