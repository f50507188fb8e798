// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// find: prints what is below its operands, with conditions that must all hold.
final class Finder {
    private static final String NAME = "-name";
    private static final String TYPE = "-type";
    private static final String MAXDEPTH = "-maxdepth";

    private final Context context;
    private final @Nullable Glob name;
    private final String types;
    private final int maxDepth;

    private Finder(Context context) throws UsageException {
        Options options = context.options();
        this.context = context;
        this.name = options.has(NAME) ? new Glob(options.value(NAME, "")) : null;
        this.types = options.value(TYPE, "fdlcbps");
        if (types.isEmpty() || !types.matches("[fdlcbps](,[fdlcbps])*|fdlcbps")) {
            throw new UsageException("unknown argument to -type: " + types);
        }
        String depth = options.value(MAXDEPTH, "9999");
        if (!depth.matches("[0-9]{1,4}")) {
            throw new UsageException("invalid argument to -maxdepth: " + depth);
        }
        this.maxDepth = Integer.parseInt(depth);
    }

    /// Its words: files, then conditions of two words each.
    static Options options(List<String> words) throws UsageException {
        var options = new Options(new LinkedHashMap<>(), new ArrayList<>());
        int at = 0;
        while (at < words.size() && !words.get(at).startsWith("-")) {
            options.operands().add(words.get(at++));
        }
        for (; at < words.size(); at += 2) {
            String predicate = words.get(at);
            if (!List.of(NAME, TYPE, MAXDEPTH).contains(predicate)) {
                throw new UsageException("unknown predicate '" + predicate + "'");
            }
            if (at + 1 == words.size()) {
                throw new UsageException("missing argument to '" + predicate + "'");
            }
            options.values().put(predicate, words.get(at + 1));
        }
        return options;
    }

    static void find(Context context, List<Place> places) throws UsageException {
        var finder = new Finder(context);
        for (Place place : places) {
            finder.visit(place, 0);
        }
    }

    private void visit(Place place, int depth) {
        try {
            Attr attr = place.lstat();
            boolean named = name == null || name.matches(place.base().toString());
            if (named && types.indexOf(Text.typeLetter(attr.mode())) >= 0) {
                context.out().println(place);
            }
            if (attr.isDirectory() && depth < maxDepth) {
                for (Place child : place.list()) {
                    visit(child, depth + 1);
                }
            }
        } catch (ErrnoException e) {
            context.complain("'" + place + "': " + Context.text(e));
        }
    }
}
