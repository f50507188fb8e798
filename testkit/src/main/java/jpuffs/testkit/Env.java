// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/// A file system under test and the way to it, for one case: made by [#newfs], used by [Client]s between [#mount]
/// and [#unmount], checked by [#fsck]. [Matrix] does that round each case, and makes a new one for the next.
///
/// All of it is used by one thread at a time, but each client may have its own.
public abstract class Env {
    /// An ordinary user, in a group of the same number.
    static final int USER = 1000;

    /// Another one.
    static final int OTHER = 1001;

    private final String name;
    private final Set<Feature> features;
    private final List<Client> clients = new ArrayList<>();
    private @Nullable Client root;
    private @Nullable Client user;

    /// @param name the file system and the way, as in `dtfs, in-process`
    protected Env(String name, Set<Feature> features) {
        this.name = name;
        this.features = features.isEmpty() ? EnumSet.noneOf(Feature.class) : EnumSet.copyOf(features);
    }

    /// Makes an empty file system.
    ///
    /// @param size in bytes, 0 for the usual; else with [Feature#SIZE_LIMIT] only
    protected abstract void newfs(long size) throws Exception;

    protected abstract void mount() throws Exception;

    /// Makes what is mounted read-only or writable, with [Feature#REMOUNT] only.
    protected abstract void remount(boolean readOnly) throws Exception;

    /// Unmounts; every process has ended before. Fails if something still uses the file system, or it refuses.
    protected abstract void unmount() throws Exception;

    /// Fails if the unmounted file system is not consistent.
    protected abstract void fsck() throws Exception;

    /// A process in the root of the file system.
    abstract Calls process(Cred cred) throws Exception;

    /// The path of that root as its processes see it, without a slash at the end unless it is `/`.
    protected abstract String rootPath();

    /// Ends the file system by force, after which calls that hang have failed: a case was too slow.
    protected abstract void abort() throws Exception;

    /// Removes what is left.
    protected abstract void cleanUp() throws Exception;

    /// Why this environment cannot be had here, or null if it can.
    public @Nullable String unavailable() {
        return null;
    }

    @Override
    public final String toString() {
        return name;
    }

    // For cases

    /// Skips the case if one of these is missing.
    final void requires(Feature... needed) {
        for (Feature feature : needed) {
            if (!has(feature)) {
                throw new TestAbortedException(name + " has no " + feature);
            }
        }
    }

    final boolean has(Feature feature) {
        return features.contains(feature);
    }

    /// The super-user: always the same process.
    final Client root() throws Exception {
        if (root == null) {
            root = newProcess(Cred.ROOT);
        }
        return root;
    }

    /// The ordinary user [#USER]: always the same process.
    final Client user() throws Exception {
        if (user == null) {
            user = user(USER, USER);
        }
        return user;
    }

    /// A new process of a user.
    final Client user(int uid, int gid, int... groups) throws Exception {
        requires(Feature.USERS);
        return newProcess(Cred.of(uid, gid, groups));
    }

    /// A new process of the super-user.
    final Client newProcess() throws Exception {
        return newProcess(Cred.ROOT);
    }

    private synchronized Client newProcess(Cred cred) throws Exception {
        var client = new Client(process(cred));
        client.umask(022);
        clients.add(client);
        return client;
    }

    /// `path`, relative to the root of the file system, as an absolute path.
    final String absolute(String path) {
        return rootPath().endsWith("/") ? rootPath() + path : rootPath() + "/" + path;
    }

    /// The same as bytes.
    final byte[] absoluteBytes(String path) {
        return absolute(path).getBytes(UTF_8);
    }

    /// A new, empty file system of `size` bytes in place of this one.
    final void newfsOfSize(long size) throws Exception {
        requires(Feature.SIZE_LIMIT);
        endProcesses();
        unmount();
        newfs(size);
        start();
    }

    /// Unmounts and mounts; earlier clients have ended.
    final void mountAgain() throws Exception {
        endProcesses();
        unmount();
        mount();
    }

    // For Matrix

    /// Mounts, and lets everybody write into the root.
    final void start() throws Exception {
        mount();
        if (has(Feature.WRITABLE)) {
            root().chmod(".", 0777);
        }
    }

    final void endProcesses() {
        clients.forEach(Client::close);
        clients.clear();
        root = null;
        user = null;
    }

    /// Waits until the clock of the file system has gone on, so that what follows has later times.
    final void tick() throws Exception {
        if (!has(Feature.CTIME)) {
            awaitNext(has(Feature.SECONDS) ? 1 : 2);
            return;
        }
        Client client = root();
        if (!client.exists(TICK)) {
            client.create(TICK);
        }
        client.chmod(TICK, 0600);
        var before = client.stat(TICK).ctime();
        for (int i = 0; client.stat(TICK).ctime().equals(before); i++) {
            if (i == 10_000) {
                throw new AssertionError("the time of " + name + " stands still");
            }
            Thread.sleep(1);
            client.chmod(TICK, 0600 | i & 077);
        }
    }

    /// For file systems whose only clock has steps of some seconds, and is that of this machine.
    private static void awaitNext(int seconds) throws InterruptedException {
        long step = 1000L * seconds;
        long now = System.currentTimeMillis();
        Thread.sleep(step - now % step + 20); // the clock of files may be some milliseconds late
        while (System.currentTimeMillis() / step == now / step) {
            Thread.sleep(1);
        }
    }

    private static final String TICK = ".tick";

    /// Throws ErrnoException EPERM and its like on behalf of environments that need the super-user.
    static boolean isSuperuser() {
        return jpuffs.sys.Sys.geteuid() == 0;
    }

    static void chdir(Calls calls, String path) throws ErrnoException {
        calls.chdir(path.getBytes(UTF_8));
    }
}
