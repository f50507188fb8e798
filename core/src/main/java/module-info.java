/// Vocabulary and waists of jpuffs: files as nodes, disks as block devices. Depends on nothing.
module jpuffs.core {
    requires static transitive org.jspecify;

    exports jpuffs.core;
    exports jpuffs.core.layers;
}
