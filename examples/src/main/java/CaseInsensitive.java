// SPDX-License-Identifier: BSD-2-Clause
import module jpuffs.servers;

/// icfs: a directory where the case of names does not matter. Names keep the case they were made with. Run
/// with: ./puffs run CaseInsensitive.java SOURCE MOUNTPOINT
void main(String[] args) throws Exception {
    // The kernel must ask for each name anew: what it knows of "readme" says nothing of "README".
    var options = MountOptions.defaults().withEntryTtl(Duration.ZERO).withNegativeTtl(Duration.ZERO);
    try (var source = NullFs.open(Path.of(args[0]), new NullFs.Options(false))) {
        var anyCase = NameMod.over(source, new AnyCase());
        try (var server = FileServer.mount(Path.of(args[1]), anyCase, options)) {
            server.await(); // until unmounted
        }
    }
}

static final class AnyCase implements NameMod {
    @Override public Name below(Name name) { return name; }
    @Override public Name above(Name name) { return name; }

    /// The name as it is spelled, if it is there; else the first that differs in case only.
    @Override public Name find(Node directory, Name name) throws IOException {
        var found = new ArrayList<Name>();
        var wanted = folded(name);
        directory.readdir(0, (entry, ino, mode, cookie) -> {
            if (folded(entry).equals(wanted)) found.add(entry);
            return true;
        });
        return found.isEmpty() || found.contains(name) ? name : found.getFirst();
    }

    private static String folded(Name name) {
        return name.toString().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }
}
