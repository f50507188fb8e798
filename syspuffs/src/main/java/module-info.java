/// The kernel half of the FUSE wire: a file server used without a kernel FUSE.
module jpuffs.syspuffs {
    requires transitive jpuffs.puffs;
    requires static transitive org.jspecify;

    exports jpuffs.syspuffs;
}
