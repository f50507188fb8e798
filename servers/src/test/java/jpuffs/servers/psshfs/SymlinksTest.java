// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where links may lead.
class SymlinksTest {
    private static String seen(Symlinks how, String target, String root, int depth) {
        return new String(how.seen(target.getBytes(ISO_8859_1), root, depth), ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({
        "a, 0, a",
        "a/b/./c, 0, a/b/./c",
        "../a, 1, ../a",
        "../../a, 2, ../../a",
        "./../a, 1, ./../a",
        "/srv/a, 0, a",
        "/srv//a, 1, ../a",
        "/srv, 0, .",
        "/srv, 2, ../../",
    })
    void containedLinks(String target, int depth, String shown) {
        assertThat(seen(Symlinks.CONTAIN, target, "/srv", depth)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "../a, 0",
        "../../a, 1",
        "a/../b, 5",
        "a/.., 1",
        "/etc/passwd, 3",
        "/srvx, 1",
        "/, 0",
        "/srv/../etc, 0",
        "/srv/.., 4",
        "..//..//x, 1",
    })
    void linksThatMayLeadOut(String target, int depth) {
        assertThat(seen(Symlinks.CONTAIN, target, "/srv", depth)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"/etc/passwd, /etc/passwd", "/srv/a, ../a", "../../../x, ../../../x"})
    void transformedLinks(String target, String shown) {
        assertThat(seen(Symlinks.TRANSFORM, target, "/srv", 1)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"/etc/passwd", "/srv/a", "../../../x"})
    void linksAsTheyAre(String target) {
        assertThat(seen(Symlinks.AS_IS, target, "/srv", 1)).isEqualTo(target);
    }

    @ParameterizedTest
    @CsvSource({"/a, a", "/, .", "/a/b, a/b"})
    void theRootOfTheServerHasEverything(String target, String shown) {
        assertThat(seen(Symlinks.CONTAIN, target, "/", 0)).isEqualTo(shown);
    }
}
