/// The file systems of the runnable kernel, each a package of the same shape, found as services.
module jpuffs.rumpfs {
    requires transitive jpuffs.rump;
    requires static transitive org.jspecify;

    exports jpuffs.rumpfs;

    uses jpuffs.rumpfs.RumpFsType;
}
