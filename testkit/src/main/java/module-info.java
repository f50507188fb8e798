/// Tests of file systems as a library: POSIX cases, environments, conditions.
open module jpuffs.testkit {
    requires jpuffs.sys;
    requires jpuffs.pud;
    requires jpuffs.syspuffs;
    requires transitive jpuffs.servers;
    requires transitive jpuffs.rumpfs;
    requires transitive org.junit.jupiter.api;
    requires transitive org.assertj.core;
    requires static transitive org.jspecify;

    exports jpuffs.testkit;
}
