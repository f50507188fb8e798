// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.ProviderMismatchException;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Paths without files: each answer is that of the JDK's own file system, which is asked as well.
@Timeout(30)
class PathTest {
    private static final FileSystem UNIX = FileSystems.getDefault();
    private static final List<String> PATHS = List.of(
            "",
            "/",
            "a",
            "/a",
            "a/b",
            "/a/b",
            "a/b/c",
            "/a/b/c",
            ".",
            "..",
            "/..",
            "/.",
            "a/..",
            "a/../..",
            "../a",
            "/../a",
            "a/./b",
            "./a",
            "/a/../../b",
            "../..",
            "a//b/",
            "//a",
            "/b/a",
            "b",
            "A",
            "ä/ö",
            ".a",
            "a.",
            "...");

    private FileSystem fs;

    @BeforeEach
    void open() throws IOException {
        fs = Subject.TMPFS.mount(Subject.TMPFS.newfs(), "");
    }

    @AfterEach
    void close() throws IOException {
        fs.close();
    }

    private interface Question {
        Object ask(Path path, Path other);
    }

    /// The answer as text, or the class of the exception.
    private static String answer(Question question, FileSystem fs, String path, String other) {
        try {
            return String.valueOf(question.ask(fs.getPath(path), fs.getPath(other)));
        } catch (IllegalArgumentException e) {
            return e.getClass().getName();
        }
    }

    private void likeUnix(Question question) {
        for (String path : PATHS) {
            for (String other : PATHS) {
                assertThat(answer(question, fs, path, other))
                        .as("\"%s\" with \"%s\"", path, other)
                        .isEqualTo(answer(question, UNIX, path, other));
            }
        }
    }

    @Test
    void text() {
        likeUnix((path, other) -> path);
        assertThat(fs.getPath("a", "b/c", "", "d")).hasToString("a/b/c/d");
        assertThat(fs.getPath("", "a")).hasToString("a");
        assertThat(fs.getPath("/", "a")).hasToString("/a");
    }

    @Test
    void parts() {
        likeUnix((path, other) -> path.getRoot());
        likeUnix((path, other) -> path.getParent());
        likeUnix((path, other) -> path.getFileName());
        likeUnix((path, other) -> path.getNameCount());
        likeUnix((path, other) -> path.isAbsolute());
        likeUnix((path, other) -> path.getName(0));
        likeUnix((path, other) -> path.subpath(1, 3));
        likeUnix((path, other) -> {
            var names = new StringBuilder();
            path.forEach(name -> names.append(name).append('|'));
            return names;
        });
    }

    @Test
    void comparisons() {
        likeUnix((path, other) -> path.startsWith(other));
        likeUnix((path, other) -> path.endsWith(other));
        likeUnix((path, other) -> path.equals(other));
        likeUnix((path, other) -> Integer.signum(path.compareTo(other)));
        assertThat(fs.getPath("/a/b/")).isEqualTo(fs.getPath("/a//b")).hasSameHashCodeAs(fs.getPath("/a/b"));
        assertThat(fs.getPath("a")).isNotEqualTo(UNIX.getPath("a"));
        assertThat(fs.getPath("a").startsWith(UNIX.getPath("a"))).isFalse();
    }

    @Test
    void resolving() {
        likeUnix(Path::resolve);
        likeUnix(Path::resolveSibling);
        likeUnix((path, other) -> path.normalize());
        assertThat(fs.getPath("a").toAbsolutePath()).hasToString("/a");
        assertThat(fs.getPath("").toAbsolutePath()).hasToString("/");
    }

    @Test
    void relativizing() {
        likeUnix((path, other) -> {
            Path way = path.relativize(other);
            assertThat(path.resolve(way).normalize()).isEqualTo(other.normalize());
            return way.normalize();
        });
    }

    @Test
    void strangers() {
        assertThatThrownBy(() -> fs.getPath("a\0b")).isInstanceOf(InvalidPathException.class);
        assertThatThrownBy(() -> fs.getPath("a\ud800")).isInstanceOf(InvalidPathException.class);
        Path unix = UNIX.getPath("a");
        assertThatThrownBy(() -> fs.getPath("a").resolve(unix)).isInstanceOf(ProviderMismatchException.class);
        assertThatThrownBy(() -> fs.getPath("a").compareTo(unix)).isInstanceOf(ClassCastException.class);
        assertThatThrownBy(() -> fs.getPath("a").toFile()).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*", "**", "*.java", "**.java", "a?c", "[a-c]x", "[!a-c]x", "[a-]", "[-a]", "{a,b}*", "a{b,/c}", "/a/*",
                "/**/c", "a\\*b", "\\{a", "a,b", "}", "*/*", "[*?]", "a+b", "(a)", "^a$", "", "{a*,*c}", "a|b", "[&&]",
                "[a^]"
            })
    void globs(String glob) {
        PathMatcher mine = fs.getPathMatcher("glob:" + glob);
        PathMatcher unix = UNIX.getPathMatcher("glob:" + glob);
        for (String text : List.of(
                "",
                "a",
                "b",
                "abc",
                "ax",
                "dx",
                "-",
                "]",
                "a/c",
                "/a/b",
                "/a/b/c",
                "x.java",
                "d/x.java",
                "a*b",
                "{a",
                "a,b",
                "}",
                "*",
                "?",
                "a+b",
                "(a)",
                "^a$",
                "ä",
                "a|b",
                "&",
                "^",
                "!",
                "ab")) {
            assertThat(mine.matches(fs.getPath(text)))
                    .as("glob:%s on \"%s\"", glob, text)
                    .isEqualTo(unix.matches(UNIX.getPath(text)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[a", "{a", "a\\", "{a{b}}", "[a/b]", "[]", "[!]"})
    void globsThatAreNone(String glob) {
        assertThatThrownBy(() -> fs.getPathMatcher("glob:" + glob)).isInstanceOf(PatternSyntaxException.class);
    }

    @Test
    void aLineBreakIsACharacter() {
        assertThat(fs.getPathMatcher("glob:**").matches(fs.getPath("a\nb"))).isTrue();
    }

    @Test
    void matchers() {
        assertThat(fs.getPathMatcher("regex:/a/.+").matches(fs.getPath("/a/b/c")))
                .isTrue();
        assertThat(fs.getPathMatcher("REGEX:a").matches(fs.getPath("b"))).isFalse();
        assertThatThrownBy(() -> fs.getPathMatcher("*.java")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fs.getPathMatcher("sql:a%")).isInstanceOf(UnsupportedOperationException.class);
    }
}
