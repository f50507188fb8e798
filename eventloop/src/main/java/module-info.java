/// One thread, one loop: call contexts, framed channels, timers, signals, child processes.
module jpuffs.eventloop {
    requires transitive jpuffs.sys;
    requires static transitive org.jspecify;

    exports jpuffs.eventloop;
}
