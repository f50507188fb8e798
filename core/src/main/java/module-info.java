/// The waists: files (`Node`), blocks (`BlockDevice`), characters (`CharDevice`), and the words they use.
module jpuffs.core {
    requires static org.jspecify;

    exports jpuffs.core;
}
