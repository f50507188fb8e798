// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOLCK;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.ENOTTY;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jpuffs.core.Access;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// A file of [MemFs], of any type.
final class MemNode implements Node {
    /// The time of every change.
    static final Time NOW = new Time(1_700_000_000, 123_456_789);

    /// An ioctl that gives back its data upside down: _IOWR('j', 1, 4 bytes).
    static final int REVERSE = 0xc004_6a01;

    private record Slot(Name name, MemNode node) {}

    final MemFs fs;
    final long ino;
    Attr attr;
    int nlink = 1;

    /// How often it was answered since it was last reclaimed.
    long answered;

    /// How many of its handles are open.
    int handles;

    final List<Long> reclaims = new ArrayList<>();
    int inactives;
    int fsyncs;
    int ready;
    final List<Runnable> wakers = new ArrayList<>();
    final List<Lock> locks = new ArrayList<>();
    final TreeMap<Name, byte[]> xattrs = new TreeMap<>();
    byte[] data = new byte[0];
    private byte[] target = new byte[0];
    private final TreeMap<Long, Slot> slots = new TreeMap<>();
    private final Map<Name, Long> cookies = new HashMap<>();
    private long nextCookie = 1;
    private MemNode parent = this;

    MemNode(MemFs fs, long ino, int mode) {
        this.fs = fs;
        this.ino = ino;
        attr = Attr.of(mode).withIno(ino).withTimes(NOW);
    }

    MemNode answer() {
        answered++;
        return this;
    }

    // What tests make by themselves

    MemNode addFile(String name, String text) {
        MemNode node = put(Name.of(name), fs.add(Mode.S_IFREG | 0644));
        node.data = text.getBytes(StandardCharsets.UTF_8);
        return node;
    }

    MemNode addDirectory(String name) {
        return put(Name.of(name), fs.add(Mode.S_IFDIR | 0755));
    }

    MemNode addSymlink(String name, String to) {
        MemNode node = put(Name.of(name), fs.add(Mode.S_IFLNK | 0777));
        node.target = to.getBytes(StandardCharsets.UTF_8);
        return node;
    }

    private MemNode put(Name name, MemNode node) {
        long cookie = nextCookie++;
        cookies.put(name, cookie);
        slots.put(cookie, new Slot(name, node));
        node.parent = this;
        return node;
    }

    private MemNode take(Name name) throws IOException {
        Long cookie = directory().get(name);
        if (cookie == null) {
            throw ENOENT.error();
        }
        cookies.remove(name);
        return slots.remove(cookie).node;
    }

    private Map<Name, Long> directory() throws IOException {
        if (!attr.isDirectory()) {
            throw ENOTDIR.error();
        }
        return cookies;
    }

    @Nullable
    MemNode child(Name name) throws IOException {
        Long cookie = directory().get(name);
        return cookie == null ? null : slots.get(cookie).node;
    }

    private void requireAbsent(Name name) throws IOException {
        if (child(name) != null) {
            throw EEXIST.error();
        }
        if (fs.nodes.size() >= MemFs.MAX_NODES) {
            throw ENOSPC.error();
        }
    }

    // The waist

    @Override
    public Attr getattr() throws IOException {
        fs.enter("getattr");
        return attr.withSize(size()).withNlink(attr.isDirectory() ? 2 * nlink : nlink);
    }

    private int size() {
        return attr.isSymlink() ? target.length : data.length;
    }

    @Override
    public long generation() {
        return 7;
    }

    @Override
    public Attr setattr(SetAttr change) throws IOException {
        fs.enter("setattr");
        if (change.has(SetAttr.SIZE)) {
            resize(change.size());
        }
        attr = change.applyTo(attr, NOW);
        return getattr();
    }

    private void resize(long size) throws IOException {
        if (!attr.isRegular()) {
            throw attr.isDirectory() ? EISDIR.error() : EINVAL.error();
        }
        if (size > MemFs.MAX_SIZE) {
            throw EFBIG.error();
        }
        data = Arrays.copyOf(data, (int) size);
    }

    @Override
    public @Nullable Node lookup(Name name) throws IOException {
        fs.enter("lookup");
        MemNode node = name.isDotDot() ? parent : child(name);
        return node == null ? null : node.answer();
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        fs.enter("readdir");
        directory();
        for (Map.Entry<Long, Slot> entry : slots.tailMap(cookie, false).entrySet()) {
            MemNode node = entry.getValue().node;
            if (!sink.add(entry.getValue().name, node.ino, node.attr.mode(), entry.getKey())) {
                return;
            }
        }
    }

    private MemNode make(Name name, int mode, Cred cred) throws IOException {
        requireAbsent(name);
        MemNode node = put(name, fs.add(mode));
        node.attr = Access.created(attr, mode, cred, NOW).withIno(node.ino);
        return node.answer();
    }

    @Override
    public Node mknod(Name name, int mode, int rdev, Cred cred) throws IOException {
        fs.enter("mknod");
        MemNode node = make(name, mode, cred);
        node.attr = node.attr.withRdev(rdev);
        return node;
    }

    @Override
    public Node mkdir(Name name, int mode, Cred cred) throws IOException {
        fs.enter("mkdir");
        return make(name, mode, cred);
    }

    @Override
    public Node symlink(Name name, byte[] to, Cred cred) throws IOException {
        fs.enter("symlink");
        MemNode node = make(name, Mode.S_IFLNK | 0777, cred);
        node.target = to.clone();
        return node;
    }

    @Override
    public Handle tmpfile(int mode, int flags, Cred cred) throws IOException {
        fs.enter("tmpfile");
        directory();
        MemNode node = fs.add(mode);
        node.nlink = 0;
        return node.answer().open(flags);
    }

    @Override
    public void link(Node node, Name name) throws IOException {
        fs.enter("link");
        requireAbsent(name);
        var file = (MemNode) node;
        file.nlink++;
        put(name, file);
    }

    @Override
    public void unlink(Name name) throws IOException {
        fs.enter("unlink");
        MemNode node = child(name);
        if (node != null && node.attr.isDirectory()) {
            throw EISDIR.error();
        }
        drop(take(name));
    }

    @Override
    public void rmdir(Name name) throws IOException {
        fs.enter("rmdir");
        MemNode node = child(name);
        if (node != null && !node.directory().isEmpty()) {
            throw ENOTEMPTY.error();
        }
        drop(take(name));
    }

    private void drop(MemNode node) {
        node.nlink--;
        fs.collect(node);
    }

    @Override
    public void rename(Name name, Node newDirectory, Name newName, int flags) throws IOException {
        fs.enter("rename");
        var to = (MemNode) newDirectory;
        MemNode node = child(name);
        MemNode old = to.child(newName);
        if (node == null) {
            throw ENOENT.error();
        }
        if (flags == RENAME_EXCHANGE) {
            exchange(name, to, newName);
            return;
        }
        if (flags != 0 && (flags != RENAME_NOREPLACE || old != null)) {
            throw flags == RENAME_NOREPLACE ? EEXIST.error() : EINVAL.error();
        }
        if (node == old) {
            return;
        }
        if (old != null) {
            requireReplaceable(node, old);
            drop(to.take(newName));
        }
        to.put(newName, take(name));
    }

    private void exchange(Name name, MemNode to, Name newName) throws IOException {
        if (to.child(newName) == null) {
            throw ENOENT.error();
        }
        MemNode other = to.take(newName);
        to.put(newName, take(name));
        put(name, other);
    }

    private static void requireReplaceable(MemNode node, MemNode old) throws IOException {
        if (node.attr.isDirectory() != old.attr.isDirectory()) {
            throw node.attr.isDirectory() ? ENOTDIR.error() : EISDIR.error();
        }
        if (!old.cookies.isEmpty()) {
            throw ENOTEMPTY.error();
        }
    }

    @Override
    public byte[] readlink() throws IOException {
        fs.enter("readlink");
        if (!attr.isSymlink()) {
            throw EINVAL.error();
        }
        return target.clone();
    }

    @Override
    public Handle open(int flags) throws IOException {
        fs.enter("open");
        return new MemHandle(this, flags);
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        fs.enter("read");
        if (attr.isDirectory()) {
            throw EISDIR.error();
        }
        int count = (int) Math.clamp(data.length - off, 0, dst.byteSize());
        if (count > 0) {
            MemorySegment.copy(data, (int) off, dst, ValueLayout.JAVA_BYTE, 0, count);
        }
        return count;
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        fs.enter("write");
        long end = off + src.byteSize();
        if (end > data.length) {
            resize(end);
        }
        MemorySegment.copy(src, ValueLayout.JAVA_BYTE, 0, data, (int) off, (int) src.byteSize());
        return (int) src.byteSize();
    }

    @Override
    public void fsync(boolean dataOnly) throws IOException {
        fs.enter(dataOnly ? "fdatasync" : "fsync");
        fsyncs++;
    }

    @Override
    public void fallocate(int mode, long off, long len) throws IOException {
        fs.enter("fallocate");
        if (mode != 0) {
            throw EOPNOTSUPP.error();
        }
        resize(Math.max(data.length, off + len));
    }

    @Override
    public long seek(long off, boolean hole) throws IOException {
        fs.enter("seek");
        if (off >= data.length) {
            throw ENXIO.error();
        }
        return hole ? data.length : off;
    }

    @Override
    public long copyFileRange(long off, Node to, long toOff, long len) throws IOException {
        fs.enter("copyFileRange");
        int count = (int) Math.clamp(data.length - off, 0, len);
        if (count > 0) {
            ((MemNode) to).write(MemorySegment.ofArray(Arrays.copyOfRange(data, (int) off, (int) off + count)), toOff);
        }
        return count;
    }

    @Override
    public int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
        fs.enter("ioctl");
        if (command != REVERSE || in.byteSize() != 4 || out.byteSize() != 4) {
            throw ENOTTY.error();
        }
        for (int i = 0; i < 4; i++) {
            out.set(ValueLayout.JAVA_BYTE, 3 - i, in.get(ValueLayout.JAVA_BYTE, i));
        }
        return 42;
    }

    @Override
    public int poll(int events, @Nullable Runnable waker) throws IOException {
        fs.enter("poll");
        if (waker != null) {
            wakers.add(waker);
        }
        if (wakers.size() > 1_000) {
            wakers.removeFirst();
        }
        return ready & events;
    }

    @Override
    public @Nullable Lock getlk(Lock lock) throws IOException {
        fs.enter("getlk");
        return locks.stream().filter(lock::conflicts).findFirst().orElse(null);
    }

    @Override
    public void setlk(Lock lock, boolean wait) throws IOException {
        fs.enter("setlk");
        if (locks.stream().anyMatch(lock::conflicts)) {
            throw EAGAIN.error();
        }
        locks.removeIf(held -> held.flock() == lock.flock() && held.owner() == lock.owner() && held.overlaps(lock));
        if (lock.type() == Lock.Type.NONE) {
            return;
        }
        if (locks.size() >= 5_000) {
            throw ENOLCK.error();
        }
        locks.add(lock);
    }

    @Override
    public byte @Nullable [] getxattr(Name name) throws IOException {
        fs.enter("getxattr");
        return xattrs.get(name);
    }

    @Override
    public List<Name> listxattr() throws IOException {
        fs.enter("listxattr");
        return List.copyOf(xattrs.keySet());
    }

    @Override
    public void setxattr(Name name, byte[] value, int flags) throws IOException {
        fs.enter("setxattr");
        if (flags == XATTR_CREATE && xattrs.containsKey(name)) {
            throw EEXIST.error();
        }
        if (flags == XATTR_REPLACE && !xattrs.containsKey(name)) {
            throw ENODATA.error();
        }
        if (xattrs.size() >= 100) {
            throw ENOSPC.error();
        }
        xattrs.put(name, value.clone());
    }

    @Override
    public void removexattr(Name name) throws IOException {
        fs.enter("removexattr");
        if (xattrs.remove(name) == null) {
            throw ENODATA.error();
        }
    }

    @Override
    public void inactive() throws IOException {
        inactives++;
        complainIf(handles != 0, "inactive with open handles");
        fs.enter("inactive");
    }

    @Override
    public void reclaim(long answers) throws IOException {
        reclaims.add(answers);
        complainIf(handles != 0, "reclaimed with open handles");
        complainIf(answers != answered, "reclaimed with " + answers + " answers, and there were " + answered);
        answered -= answers;
        fs.collect(this);
        fs.enter("reclaim");
    }

    private void complainIf(boolean wrong, String what) {
        if (wrong) {
            fs.complaints.add("node " + ino + " " + what);
        }
    }
}
