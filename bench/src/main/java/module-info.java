/// Benchmarks: JMH for the parts, a comparison with peers for the whole.
module jpuffs.bench {
    requires jpuffs.cli;
    requires jpuffs.servers;
    requires jpuffs.syspuffs;
    requires transitive jpuffs.rump;
    requires jmh.core;
    requires xchart;
    requires java.desktop;
    requires static transitive org.jspecify;

    exports jpuffs.bench;
}
