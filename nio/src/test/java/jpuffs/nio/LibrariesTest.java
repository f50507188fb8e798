// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.NIOFSDirectory;
import org.junit.jupiter.api.Test;

/// Libraries that know `java.nio.file` and nothing of us.
class LibrariesTest extends Contract {
    private static final int DOCUMENTS = 500;

    /// An index is many files, renamed, locked, synced and read at random.
    @Test
    void luceneIndexes() throws IOException {
        try (Directory directory = new NIOFSDirectory(Files.createDirectory(path("/index")))) {
            try (var writer = new IndexWriter(directory, new IndexWriterConfig())) {
                for (int i = 0; i < DOCUMENTS; i++) {
                    var document = new Document();
                    document.add(new StringField("id", "n" + i, Field.Store.YES));
                    document.add(new StringField("even", String.valueOf(i % 2 == 0), Field.Store.NO));
                    writer.addDocument(document);
                    if (i % 100 == 99) {
                        writer.commit();
                    }
                }
                writer.deleteDocuments(new Term("id", "n7"));
                writer.forceMerge(1);
            }
        }
        if (subject != Subject.TMPFS) {
            remount("ro");
        }
        try (Directory directory = new NIOFSDirectory(path("/index"));
                var reader = DirectoryReader.open(directory)) {
            var searcher = new IndexSearcher(reader);
            assertThat(searcher.count(new MatchAllDocsQuery())).isEqualTo(DOCUMENTS - 1);
            assertThat(searcher.count(new TermQuery(new Term("even", "true")))).isEqualTo(DOCUMENTS / 2);
            var top = searcher.search(new TermQuery(new Term("id", "n42")), 1);
            assertThat(reader.storedFields().document(top.scoreDocs[0].doc).get("id"))
                    .isEqualTo("n42");
        }
    }

    @Test
    void zipFileSystemsInside() throws IOException {
        Path zip = path("/a.zip");
        try (FileSystem inside = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Files.createDirectories(inside.getPath("/d/e"));
            for (int i = 0; i < 20; i++) {
                Files.writeString(inside.getPath("/d/e/" + i), "content ".repeat(i * 100));
            }
        }
        try (FileSystem inside = FileSystems.newFileSystem(zip)) {
            Files.delete(inside.getPath("/d/e/3"));
            Files.copy(inside.getPath("/d/e/19"), path("/19"));
        }
        assertThat(path("/19")).hasSize(19 * 800);
    }

    @Test
    void commonsCompress() throws IOException {
        Path tar = path("/a.tar");
        try (var out = new TarArchiveOutputStream(Files.newOutputStream(tar))) {
            for (int i = 0; i < 20; i++) {
                Path file = Files.writeString(path("/f" + i), "x".repeat(i * 1000));
                out.putArchiveEntry(new TarArchiveEntry(file, "dir/f" + i));
                Files.copy(file, out);
                out.closeArchiveEntry();
            }
        }
        try (var in = new TarArchiveInputStream(Files.newInputStream(tar))) {
            for (int i = 0; i < 20; i++) {
                assertThat(in.getNextEntry().getName()).isEqualTo("dir/f" + i);
                assertThat(in.readAllBytes()).hasSize(i * 1000);
            }
        }
        try (SeekableByteChannel channel = Files.newByteChannel(tar);
                var random = new TarFile(channel)) {
            assertThat(random.getEntries()).hasSize(20);
        }
    }

    @Test
    void commonsCompressReadsZips() throws IOException {
        try (FileSystem inside = FileSystems.newFileSystem(path("/a.zip"), Map.of("create", "true"))) {
            Files.writeString(inside.getPath("/hello"), "hello", UTF_8);
        }
        try (var zip = ZipFile.builder().setPath(path("/a.zip")).get();
                var in = zip.getInputStream(zip.getEntry("hello"))) {
            assertThat(in.readAllBytes()).isEqualTo("hello".getBytes(UTF_8));
        }
    }
}
