// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EREMOTEIO;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.FrameBuf;
import jpuffs.puffs.MountOptions;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.Sftp;
import jpuffs.servers.sftp.SftpConnection;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;

/// A directory of another machine. Made by [#open], which connects.
public final class Psshfs implements FileSystem {
    static final Logger LOG = System.getLogger("jpuffs.psshfs");

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Duration OUTAGE = Duration.ofSeconds(60);
    private static final int MAX_LISTED = 200_000;

    private final Options options;
    private final Transport transport;
    private final Lane.Patience patience;
    private final IdMap ids;
    private final Name rootPath;
    private final Inos inos;
    private int nodes; // that were made
    private final Budget writeBudget = new Budget(16 << 20);
    private final Budget readBudget = new Budget(32 << 20);
    private final CacheTimes times;
    private final RemoteDirectory root;
    private final Set<RemoteDirectory> listed = new LinkedHashSet<>();
    private final int maxListed;
    private int listedNames;
    private @Nullable Greeting greeting; // until the first operation
    private @Nullable Link link;
    private @Nullable AutoCloseable hangUp; // the signal that drops the caches
    private boolean saidNoFsync;

    private Psshfs(Options options, Transport transport, Greeting greeting) throws IOException {
        this.options = options;
        this.transport = transport;
        this.greeting = greeting;
        patience = patience(options);
        ids = IdMap.of(options, greeting.home(), Sys.geteuid(), Sys.getegid());
        rootPath = greeting.path();
        times = CacheTimes.of(options);
        maxListed = options.number("dcache_max_size", MAX_LISTED);
        inos = new Inos(rootPath);
        root = new RemoteDirectory(this, inos.takeRoot(), greeting.root(), System.nanoTime());
    }

    /// Connects to the server, and looks at the directory. Holds its thread; a program that is started for it may
    /// ask for a password on the terminal.
    ///
    /// @throws IOException with a text that says what is wrong: no connection, no SFTP, ENOENT or ENOTDIR for
    ///     what is to be mounted, a file for the mapping of owners that cannot be read
    public static Psshfs open(Remote remote, Options options) throws IOException {
        var transport = new Transport(remote, options);
        Greeting greeting = Greeting.with(transport, remote);
        try {
            return new Psshfs(options, transport, greeting);
        } catch (IOException | RuntimeException e) {
            greeting.discard();
            throw e;
        }
    }

    /// How it is best mounted: names that are not there may be remembered as long as others.
    public static MountOptions mountOptions(MountOptions base) {
        return base.withNegativeTtl(Duration.ofSeconds(1));
    }

    private static Lane.Patience patience(Options options) {
        return new Lane.Patience(
                options.seconds("timeout", TIMEOUT), options.seconds("wait", OUTAGE), options.flag("reconnect", true));
    }

    Options options() {
        return options;
    }

    IdMap ids() {
        return ids;
    }

    Inos inos() {
        return inos;
    }

    /// The hash of the next node.
    int nextHash() {
        return nodes++;
    }

    CacheTimes times() {
        return times;
    }

    Budget writeBudget() {
        return writeBudget;
    }

    Budget readBudget() {
        return readBudget;
    }

    Name rootPath() {
        return rootPath;
    }

    /// The connections; on the first call it moves to the loop of the context that calls.
    Link link() throws ErrnoException {
        Link now = link;
        if (now != null) {
            return now;
        }
        hangUp = Waiters.context().loop().onSignal("HUP", this::dropCaches);
        var made = new Link(Waiters.context().loop(), transport, patience, options.number("max_conns", Link.LANES));
        link = made;
        Greeting first = greeting;
        greeting = null;
        if (first != null) {
            made.main().adopt(first.wire(), first.parked());
        }
        return made;
    }

    @Override
    public Node root() {
        return root;
    }

    @Override
    public StatFs statfs() throws IOException {
        return statfs(rootPath);
    }

    private StatFs statfs(Name path) throws IOException {
        return link().safely(c -> {
            if (!c.has(Sftp.STATVFS)) {
                return StatFs.UNKNOWN;
            }
            try (FrameBuf reply = c.call(Requests.statvfs(c, path))) {
                return Replies.statvfs(c, reply);
            }
        });
    }

    /// Forced: whoever waits for the server gets errors, at once.
    @Override
    public void unmount(boolean force) {
        if (force && link != null) {
            link.close();
        }
    }

    /// The last of all: the root was reclaimed.
    void end() {
        if (link != null) {
            link.close();
        }
        closeSignal();
        Greeting unused = greeting;
        greeting = null;
        if (unused != null) {
            unused.discard();
        }
    }

    private void closeSignal() {
        AutoCloseable signal = hangUp;
        hangUp = null;
        try (signal) {
            LOG.log(Level.DEBUG, "ended");
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "the signal", e);
        }
    }

    /// Everything that is cached is asked for again. On the loop.
    public void dropCaches() {
        times.dropAll();
        for (RemoteDirectory directory : Set.copyOf(listed)) {
            directory.names().dropListing();
        }
    }

    FileAttrs lstat(Name path) throws IOException {
        return link().safely(c -> lstat(c, path));
    }

    FileAttrs lstat(SftpConnection c, Name path) throws IOException {
        try (FrameBuf reply = c.call(statRequest(c, path))) {
            FileAttrs attrs = Replies.attrs(c, reply);
            ids.learn(c, Set.of(attrs));
            return attrs;
        }
    }

    /// The request for the attributes of a path: of what a link leads to, where links are followed.
    FrameBuf statRequest(SftpConnection c, Name path) throws ErrnoException {
        return follows() ? Requests.stat(c, path) : Requests.lstat(c, path);
    }

    boolean follows() {
        return options.flag("follow_symlinks", false);
    }

    /// What the attributes of `path` are, null if there is nothing.
    @Nullable
    FileAttrs find(Name path) throws IOException {
        try {
            return lstat(path);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /// What a "failure" means that nothing else explains: no room, or EIO.
    ///
    /// @param node what it is about: the server may have several file systems
    ErrnoException explain(ErrnoException failure, RemoteNode node) throws IOException {
        if (failure.errno() != EREMOTEIO) {
            return failure;
        }
        return (isFull(node) ? ENOSPC : EIO).error("%s", String.valueOf(failure.getMessage()));
    }

    /// Whether the server has no room left where the file is, as far as it tells.
    private boolean isFull(RemoteNode node) throws IOException {
        try {
            StatFs room = statfs(node.isNamed() ? node.path() : rootPath);
            boolean noNames = room.files() > 0 && room.filesFree() == 0;
            return !room.equals(StatFs.UNKNOWN) && (room.available() == 0 || noNames);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINTR) {
                throw e;
            }
            return false;
        }
    }

    /// A listing was cached; the oldest go if there are too many.
    void listed(RemoteDirectory directory, int names) {
        listed.add(directory);
        listedNames += names;
        while (listedNames > maxListed && listed.size() > 1) {
            RemoteDirectory oldest = listed.iterator().next();
            if (oldest.equals(directory)) {
                break;
            }
            oldest.names().dropListing();
        }
    }

    void unlisted(RemoteDirectory directory, int names) {
        listed.remove(directory);
        listedNames -= names;
    }

    void sayNoFsync() {
        if (!saidNoFsync) {
            saidNoFsync = true;
            LOG.log(Level.WARNING, "the server has no fsync: what it has taken may be lost if it crashes");
        }
    }

    /// Whether an operation may wait here: not when the mount is being made.
    static boolean mayWait() {
        return CallContext.current() != null;
    }
}
