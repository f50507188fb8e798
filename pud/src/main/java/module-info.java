/// Device servers: serve a `BlockDevice` or a `CharDevice` to the kernel and over the network.
module jpuffs.pud {
    requires transitive jpuffs.puffs;
    requires static transitive org.jspecify;

    exports jpuffs.pud;
    exports jpuffs.pud.block;
    exports jpuffs.pud.chardev;
    exports jpuffs.pud.nbd;
}
