// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import jpuffs.rump.disk.ImageFile;

/// The tables of one kind in a container that were used last, by their place in the file. Changed ones stay until
/// [#write], which its owner calls when [#isFull] says so.
final class TableCache {
    private static final int BYTES = 8 << 20;
    private static final int FEWEST = 8;

    private final ImageFile file;
    private final int tableBytes;
    private final String what;
    private final int most;
    private final Map<Long, Table> tables = new LinkedHashMap<>(16, 0.75f, true); // guarded by this
    private int dirty; // guarded by this

    /// A table: big-endian numbers, changed under a lock of its owner.
    static final class Table {
        private final ByteBuffer bytes;
        private boolean isDirty;

        private Table(byte[] bytes) {
            this.bytes = Tables.be(bytes);
        }

        ByteBuffer bytes() {
            return bytes;
        }
    }

    /// @param what names a table in messages
    TableCache(ImageFile file, int tableBytes, String what) {
        this.file = file;
        this.tableBytes = tableBytes;
        this.what = what;
        this.most = Math.max(FEWEST, BYTES / tableBytes);
    }

    /// The table at `off`.
    ///
    /// @throws IOException EUCLEAN if it is not in the file
    synchronized Table get(long off) throws IOException {
        Table table = tables.get(off);
        if (table == null) {
            table = new Table(Tables.read(file, off, tableBytes, what));
            tables.put(off, table);
            trim();
        }
        return table;
    }

    /// A new table at `off`, with this content.
    synchronized Table put(long off, byte[] content) {
        var table = new Table(content);
        forget(off);
        tables.put(off, table);
        changed(table);
        trim();
        return table;
    }

    /// Says that a table was changed.
    synchronized void changed(Table table) {
        if (!table.isDirty) {
            table.isDirty = true;
            dirty++;
        }
    }

    /// Drops what is at `off`, changed or not: something else will be there.
    synchronized void forget(long off) {
        Table old = tables.remove(off);
        if (old != null && old.isDirty) {
            dirty--;
        }
    }

    private void trim() {
        Iterator<Table> eldest = tables.values().iterator();
        while (tables.size() > most && eldest.hasNext()) {
            if (!eldest.next().isDirty) {
                eldest.remove();
            }
        }
    }

    /// Whether so much has changed that it is time to write.
    synchronized boolean isFull() {
        return dirty >= most / 2;
    }

    synchronized boolean isDirty() {
        return dirty > 0;
    }

    /// Says that its owner has written what has changed.
    synchronized void written() {
        for (Table table : tables.values()) {
            table.isDirty = false;
        }
        dirty = 0;
        trim();
    }

    /// Writes what has changed.
    synchronized void write() throws IOException {
        for (Map.Entry<Long, Table> entry : tables.entrySet()) {
            Table table = entry.getValue();
            if (table.isDirty) {
                file.write(Tables.all(table.bytes), entry.getKey());
                table.isDirty = false;
                dirty--;
            }
        }
        trim();
    }
}
