/// The `puffs` command.
module jpuffs.cli {
    requires jpuffs.servers;
    requires jpuffs.rump;
    requires jpuffs.pud;
    requires info.picocli;
    requires static transitive org.jspecify;

    exports jpuffs.cli;

    provides System.LoggerFinder with
            jpuffs.cli.Log;
}
