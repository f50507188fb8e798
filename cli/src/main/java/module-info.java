/// The `puffs` command.
module jpuffs.cli {
    requires jpuffs.servers;
    requires jpuffs.pud;
    requires jpuffs.rumpfs;
    requires info.picocli;
    requires org.tukaani.xz;
    requires static transitive org.jspecify;

    exports jpuffs.cli;

    provides System.LoggerFinder with
            jpuffs.cli.Log;
    provides jpuffs.rump.image.Decompressor with
            jpuffs.cli.XzDecompressor;
}
