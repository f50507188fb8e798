/// File servers: serve a `FileSystem` through the kernel.
@SuppressWarnings("module") // syspuffs and lab are built later
module jpuffs.puffs {
    requires transitive jpuffs.eventloop;
    requires jdk.jfr;
    requires static transitive org.jspecify;

    exports jpuffs.puffs;
    exports jpuffs.puffs.wire to
            jpuffs.syspuffs,
            jpuffs.lab;
}
