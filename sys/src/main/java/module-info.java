/// Every native call of the house, by the Foreign Function and Memory API.
module jpuffs.sys {
    requires transitive jpuffs.core;
    requires jdk.unsupported; // sun.misc.Signal
    requires static transitive org.jspecify;

    exports jpuffs.sys;
}
