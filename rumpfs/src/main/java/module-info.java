/// The file systems of the runnable kernel, each a package of the same shape, found as services.
module jpuffs.rumpfs {
    requires transitive jpuffs.rump;
    requires static transitive org.jspecify;

    exports jpuffs.rumpfs;
    exports jpuffs.rumpfs.tmpfs;

    uses jpuffs.rumpfs.RumpFsType;

    provides jpuffs.rumpfs.RumpFsType with
            jpuffs.rumpfs.cd9660.Cd9660Type,
            jpuffs.rumpfs.exfat.ExfatType,
            jpuffs.rumpfs.ext2fs.Ext2Type,
            jpuffs.rumpfs.msdosfs.MsdosType,
            jpuffs.rumpfs.tmpfs.TmpfsType;
}
