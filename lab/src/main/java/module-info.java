/// The laboratory for authors of file servers: `puffs lab`.
module jpuffs.lab {
    requires jpuffs.cli;
    requires jpuffs.syspuffs;
    requires jpuffs.testkit;
    requires java.logging;
    requires static transitive org.jspecify;

    exports jpuffs.lab;
}
