/// The `puffs` command.
module jpuffs.cli {
    requires jpuffs.servers;
    requires jpuffs.pud;
    requires transitive jpuffs.rumpfs;
    requires transitive jpuffs.syspuffs;
    requires info.picocli;
    requires org.tukaani.xz;
    requires static transitive org.jspecify;

    exports jpuffs.cli;

    provides System.LoggerFinder with
            jpuffs.cli.Log;
    provides jpuffs.rump.image.Decompressor with
            jpuffs.cli.XzDecompressor;
}
