// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The files that have pages, those used last at the end; how many pages there are in all.
final class PageCache {
    private final Caching caching;
    private final long maxPages;
    private final AtomicLong pages = new AtomicLong();
    private final SequencedSet<FilePages> files = new LinkedHashSet<>(); // guarded by itself

    PageCache(Caching caching) {
        this.caching = caching;
        maxPages = Math.max(1, caching.bytes() / FilePages.PAGE);
    }

    Caching caching() {
        return caching;
    }

    /// The pages of a file, or null if none are kept.
    @Nullable
    FilePages forFile(RemoteNode node) {
        return caching.bytes() == 0 ? null : new FilePages(this, node);
    }

    /// A file is used, and has so many pages more or less.
    void used(FilePages file, int more) {
        pages.addAndGet(more);
        synchronized (files) {
            files.remove(file);
            if (!file.isEmpty()) {
                files.addLast(file);
            }
        }
    }

    /// Makes room where there is too little: whole files lose their pages, those first that were used longest ago,
    /// and `current`, which its caller has locked, at last.
    void shrink(FilePages current) {
        while (pages.get() > maxPages) {
            FilePages victim = eldest(current);
            if (victim == null) {
                current.drop();
                return;
            }
            victim.dropIfFree();
        }
    }

    private @Nullable FilePages eldest(FilePages current) {
        synchronized (files) {
            for (FilePages file : files) {
                if (file != current) {
                    files.remove(file); // also if it is in use: it comes back with its next page
                    return file;
                }
            }
            return null;
        }
    }
}
