/// The runnable kernel: file systems in process, with no root, no kernel mount and no native call.
module jpuffs.rump {
    requires transitive jpuffs.core;
    requires static transitive org.jspecify;

    exports jpuffs.rump;
    exports jpuffs.rump.buf;
    exports jpuffs.rump.disk;
    exports jpuffs.rump.image;

    uses jpuffs.rump.image.Decompressor;
}
