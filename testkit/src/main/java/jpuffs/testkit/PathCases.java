// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.testkit.Expect.fails;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.Mode;
import jpuffs.rump.TimeSpec;

/// What may be wrong with a path, for every call that takes one: a table of calls times a table of mistakes.
final class PathCases {
    private static final String COMPONENT = "n".repeat(255);

    private PathCases() {}

    @FunctionalInterface
    private interface Body {
        void run(Client client, String path) throws Exception;
    }

    /// A call on a path.
    ///
    /// @param makes whether it is about a new name, so that the last component may be missing
    private record Call(String name, boolean makes, Body body) {}

    private static Call on(String name, Body body) {
        return new Call(name, false, body);
    }

    private static Call making(String name, Body body) {
        return new Call(name, true, body);
    }

    private static final List<Call> CALLS = List.of(
            on("open", (c, path) -> c.close(c.open(path, O_RDONLY))),
            on("openForWriting", (c, path) -> c.close(c.open(path, O_WRONLY))),
            on("stat", (c, path) -> c.stat(path)),
            on("lstat", (c, path) -> c.lstat(path)),
            on("access", (c, path) -> c.access(path, 0)),
            on("chmod", (c, path) -> c.chmod(path, 0600)),
            on("chown", (c, path) -> c.chown(path, -1, -1)),
            on("lchown", (c, path) -> c.lchown(path, -1, -1)),
            on("utimens", (c, path) -> c.utimens(path, TimeSpec.NOW, TimeSpec.NOW)),
            on("truncate", (c, path) -> c.truncate(path, 0)),
            on("unlink", Client::unlink),
            on("rmdir", Client::rmdir),
            on("renameFrom", (c, path) -> c.rename(path, "new")),
            on("linkFrom", (c, path) -> c.link(path, "new")),
            on("readlink", Client::readlink),
            on("chdir", Client::chdir),
            on("statfs", Client::statfs),
            on("getxattr", (c, path) -> c.getxattr(path, "user.a")),
            on("setxattr", (c, path) -> c.setxattr(path, "user.a", "1")),
            on("listxattr", Client::userXattrs),
            on("removexattr", (c, path) -> c.removexattr(path, "user.a")),
            making("create", (c, path) -> c.close(c.open(path, O_CREAT | O_WRONLY))),
            making("mkdir", Client::mkdir),
            making("mkfifo", (c, path) -> c.mkfifo(path, 0644)),
            making("mksocket", (c, path) -> c.mknod(path, Mode.S_IFSOCK | 0644, 0)),
            making("symlink", (c, path) -> c.symlink("target", path)),
            making("linkTo", (c, path) -> c.link("file", path)),
            making("renameTo", (c, path) -> c.rename("file", path)));

    static List<Case> all() {
        var cases = new ArrayList<Case>();
        for (Call call : CALLS) {
            cases.addAll(of(call));
        }
        return cases;
    }

    private static List<Case> of(Call call) {
        var cases = new ArrayList<Case>();
        cases.add(mistake(call, "BelowMissing", ENOENT, "missing/x"));
        cases.add(mistake(call, "BelowFile", ENOTDIR, "file/x"));
        cases.add(mistake(call, "BelowLinkToFile", ENOTDIR, "tofile/x"));
        cases.add(mistake(call, "BelowDanglingLink", ENOENT, "dangling/x"));
        cases.add(mistake(call, "BelowLoop", ELOOP, "loop/x"));
        cases.add(mistake(call, "BelowLongName", ENAMETOOLONG, COMPONENT + "n/x"));
        cases.add(mistake(call, "LongName", ENAMETOOLONG, COMPONENT + "n"));
        cases.add(mistake(call, "LongPath", ENAMETOOLONG, "./".repeat(2047) + "xx"));
        cases.add(mistake(call, "EmptyPath", ENOENT, ""));
        cases.add(new Case(call.name + "InSecretDirectory", false, env -> secret(env, call)));
        if (!call.makes) {
            cases.add(mistake(call, "Missing", ENOENT, "missing"));
            cases.add(mistake(call, "MissingOfLongestName", ENOENT, COMPONENT));
            cases.add(mistake(call, "MissingOfLongestPath", ENOENT, "./".repeat(2047) + "x"));
        }
        return cases;
    }

    private static Case mistake(Call call, String mistake, Errno errno, String path) {
        boolean throughLink = List.of("tofile", "dangling", "loop").contains(path.split("/", 2)[0]);
        return new Case(call.name + mistake, false, env -> {
            if (throughLink) {
                env.requires(Feature.SYMLINKS);
            }
            Client root = prepared(env, call);
            fails(errno, () -> call.body.run(root, path));
        });
    }

    private static Client prepared(Env env, Call call) throws Exception {
        require(env, call.name);
        Client root = env.root();
        root.create("file");
        root.chmod("file", 0666);
        if (env.has(Feature.SYMLINKS)) {
            root.symlink("file", "tofile");
            root.symlink("nowhere", "dangling");
            root.symlink("loop", "loop");
        }
        return root;
    }

    private static void require(Env env, String call) {
        switch (call) {
            case "symlink" -> env.requires(Feature.SYMLINKS);
            case "getxattr", "setxattr", "listxattr", "removexattr" -> env.requires(Feature.XATTRS);
            case "linkFrom", "linkTo" -> env.requires(Feature.LINKS);
            case "mkfifo", "mksocket" -> env.requires(Feature.FIFOS);
            default -> {}
        }
    }

    /// Without search permission nobody learns whether there is such a file.
    private static void secret(Env env, Call call) throws Exception {
        Client root = prepared(env, call);
        root.mkdir("secret", 0700);
        root.create("secret/file");
        Client user = env.user();
        fails(EACCES, () -> call.body.run(user, "secret/file"));
        fails(EACCES, () -> call.body.run(user, "secret/missing"));
    }
}
