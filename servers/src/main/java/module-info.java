/// The file servers of the house: dtfs, null, and small ones to copy from.
module jpuffs.servers {
    requires transitive jpuffs.puffs;
    requires transitive jpuffs.rumpfs;
    requires static transitive org.jspecify;

    exports jpuffs.servers;
    exports jpuffs.servers.dtfs;
    exports jpuffs.servers.niofs;
    exports jpuffs.servers.nullfs;
    exports jpuffs.servers.psshfs;
    exports jpuffs.servers.sftp;
}
