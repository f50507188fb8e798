// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.ESTALE;
import static jpuffs.core.Mode.S_IFREG;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/// File handles, open_by_handle_at(2). (NetBSD: t_vfsops tfilehandle, tfhremove, tfhinval.)
final class HandleCases {
    private HandleCases() {}

    static void fileIsOpenedByHandle(Env env) throws Exception {
        env.requires(Feature.FILE_HANDLES);
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f", "text");
        byte[] handle = root.calls().nameToHandle(Client.bytes("d/f"));
        root.rename("d/f", "d/moved");
        int fd = root.calls().openByHandle(handle, O_RDWR);
        assertThat(root.pread(fd, 10, 0)).asString().isEqualTo("text");
        assertThat(root.fstat(fd).ino()).isEqualTo(root.stat("d/moved").ino());
        root.close(fd);
    }

    static void directoryIsOpenedByHandle(Env env) throws Exception {
        env.requires(Feature.FILE_HANDLES);
        Client root = env.root();
        root.mkdir("d");
        root.mkdir("d/e");
        root.create("d/e/f");
        byte[] handle = root.calls().nameToHandle(Client.bytes("d/e"));
        int fd = root.calls().openByHandle(handle, O_RDONLY);
        root.close(root.openat(fd, "f", O_RDONLY));
        root.close(root.openat(fd, "..", O_RDONLY));
        root.close(fd);
    }

    static void handlesTellFilesApart(Env env) throws Exception {
        env.requires(Feature.FILE_HANDLES, Feature.LINKS);
        Client root = env.root();
        root.create("a");
        root.create("b");
        root.link("a", "c");
        List<byte[]> handles = List.of(
                root.calls().nameToHandle(Client.bytes("a")),
                root.calls().nameToHandle(Client.bytes("b")),
                root.calls().nameToHandle(Client.bytes("c")));
        assertThat(handles.get(0)).isEqualTo(handles.get(2)).isNotEqualTo(handles.get(1));
    }

    static void handleOfRemovedFileIsStale(Env env) throws Exception {
        env.requires(Feature.FILE_HANDLES);
        Client root = env.root();
        root.mknod("f", S_IFREG | 0644, 0); // never opened: a close may still be on its way to a server, and keeps it
        byte[] handle = root.calls().nameToHandle(Client.bytes("f"));
        root.unlink("f");
        fails(ESTALE, () -> root.calls().openByHandle(handle, O_RDONLY));
        root.create("f");
        fails(ESTALE, () -> root.calls().openByHandle(handle, O_RDONLY));
    }

    static void handlesAreForRoot(Env env) throws Exception {
        env.requires(Feature.FILE_HANDLES, Feature.USERS);
        Client user = env.user();
        user.create("f");
        byte[] handle = user.calls().nameToHandle(Client.bytes("f"));
        fails(EPERM, () -> user.calls().openByHandle(handle, O_RDONLY));
    }
}
