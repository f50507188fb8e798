// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.sys.Fcntl.AT_FDCWD;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_EXCL;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import jpuffs.core.Name;

/// What names can be. (NetBSD: t_vnops create_nametoolong, create_nonalphanum, rename_nametoolong; tmpfs
/// vnode_leak.)
final class NameCases {
    private NameCases() {}

    static void longestName(Env env) throws Exception {
        Client root = env.root();
        String name = "n".repeat(255);
        root.create(name, "text");
        assertThat(root.text(name)).isEqualTo("text");
        assertThat(root.names(".")).containsExactly(name);
        String other = "m".repeat(255);
        root.rename(name, other);
        root.mkdir(name);
        root.rename(other, name + "/" + other);
        assertThat(root.text(name + "/" + other)).isEqualTo("text");
        root.unlink(name + "/" + other);
        root.rmdir(name);
    }

    static void renamingToOrFromALongName(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        String name = "n".repeat(256);
        fails(ENAMETOOLONG, () -> root.rename("f", name));
        fails(ENAMETOOLONG, () -> root.rename(name, "f"));
        assertThat(root.names(".")).containsExactly("f");
    }

    static void namesOfArbitraryBytes(Env env) throws Exception {
        env.requires(Feature.ANY_BYTES);
        Client root = env.root();
        root.mkdir("d");
        root.chdir("d");
        var random = new Random(42);
        var names = new HashSet<Name>();
        for (int i = 0; i < 100; i++) {
            byte[] bytes = new byte[255];
            random.nextBytes(bytes);
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = bytes[at] == 0 || bytes[at] == '/' ? (byte) 0xff : bytes[at];
            }
            root.close(root.calls().openat(AT_FDCWD, bytes, O_CREAT | O_EXCL | O_RDWR, 0600));
            names.add(Name.of(bytes));
        }
        assertThat(root.entries(".")).extracting(Dirent::name).containsExactlyInAnyOrderElementsOf(names);
        for (Name name : names) {
            root.calls().unlinkat(AT_FDCWD, name.toBytes(), 0);
        }
        root.chdir("..");
        root.rmdir("d");
    }

    static void eachByteByItself(Env env) throws Exception {
        env.requires(Feature.ANY_BYTES);
        Client root = env.root();
        for (int b = 1; b < 256; b++) {
            byte[] name = {'a', (byte) b};
            if (b != '/') {
                root.close(root.calls().openat(AT_FDCWD, name, O_CREAT | O_EXCL | O_RDWR, 0600));
                root.calls().fstatat(AT_FDCWD, name, 0);
            }
        }
        assertThat(root.entries(".")).hasSize(254);
    }

    static void namesThatLookLikeDots(Env env) throws Exception {
        env.requires(Feature.ANY_BYTES);
        Client root = env.root();
        List<String> names = List.of("...", "....", ".a", "..a", "a.", "a..", ". ", " ", "-", "~", "*", "\n", "\\");
        for (String name : names) {
            root.create(name);
            assertThat(root.exists(name)).as(name).isTrue();
        }
        assertThat(root.names(".")).containsExactlyInAnyOrderElementsOf(names);
    }

    static void caseMatters(Env env) throws Exception {
        env.requires(Feature.CASE);
        Client root = env.root();
        root.create("Name", "upper");
        fails(ENOENT, () -> root.stat("name"));
        root.create("name", "lower");
        assertThat(root.text("Name")).isEqualTo("upper");
        assertThat(root.names(".")).containsExactly("Name", "name");
    }

    static void namesThatShareTheirHash(Env env) throws Exception {
        Client root = env.root();
        var names = new ArrayList<String>();
        for (int bits = 0; bits < 256; bits++) {
            var name = new StringBuilder();
            for (int bit = 0; bit < 8; bit++) {
                name.append((bits >> bit & 1) == 0 ? "Aa" : "BB"); // the same String.hashCode
            }
            names.add(name.toString());
            root.create(name.toString(), name.toString());
        }
        for (String name : names) {
            assertThat(root.text(name)).isEqualTo(name);
        }
        assertThat(root.names(".")).hasSize(256);
    }

    static void unicodeFormsAreKeptApart(Env env) throws Exception {
        env.requires(Feature.ANY_BYTES);
        Client root = env.root();
        root.create("\u00e9", "composed");
        root.create("e\u0301", "decomposed");
        assertThat(root.text("\u00e9")).isEqualTo("composed");
        assertThat(root.text("e\u0301")).isEqualTo("decomposed");
        fails(EEXIST, () -> root.open("\u00e9", O_CREAT | O_EXCL | O_RDWR));
    }

    static void longestPath(Env env) throws Exception {
        env.requires(Feature.LONG_PATHS);
        Client root = env.root();
        String component = "c".repeat(239);
        var path = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            path.append(component).append('/');
            root.mkdir(path.toString());
        }
        String file = "f".repeat(4095 - path.length());
        root.create(path + file, "text");
        assertThat(root.text(path + file)).isEqualTo("text");
        fails(ENAMETOOLONG, () -> root.open(path + file + "f", O_RDONLY));
    }

    static void sameNameManyTimes(Env env) throws Exception {
        Client root = env.root();
        for (int i = 0; i < 500; i++) {
            root.create("f", "round " + i);
            assertThat(root.text("f")).isEqualTo("round " + i);
            root.unlink("f");
            assertThat(root.exists("f")).isFalse();
        }
    }
}
