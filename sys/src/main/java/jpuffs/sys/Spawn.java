// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// Starts a child process with chosen descriptors, posix_spawn(3).
///
/// ```java
/// Child child = Spawn.of("fusermount3", "-o", options, "--", dir).env("_FUSE_COMMFD", "3").fd(3, socket).start();
/// ```
///
/// The program is looked for in PATH. The child gets standard input, output and error of this process unless others
/// are chosen, the chosen descriptors and no other; all signals with their default action and none blocked; the
/// environment of this process with the changes asked for. One thread makes and starts it.
public final class Spawn {
    private static final short SETPGROUP = 0x02;
    private static final short SETSIGDEF = 0x04;
    private static final short SETSIGMASK = 0x08;
    private static final short SETSID = 0x80;

    private static final int SIGKILL = 9;

    // Sizes in glibc: 336 and 80. musl's are smaller.
    private static final int ATTR_SIZE = 512;
    private static final int ACTIONS_SIZE = 256;
    private static final int SIGSET_SIZE = 128;

    private final List<Name> arguments = new ArrayList<>();
    private final Map<String, String> environment = new TreeMap<>(System.getenv());
    private final TreeMap<Integer, Fd> fds = new TreeMap<>();
    private @Nullable Name directory;
    private short flags = SETSIGDEF | SETSIGMASK;

    private Spawn() {}

    /// To start `program` with `arguments`.
    public static Spawn of(String program, String... arguments) {
        var spawn = new Spawn().arg(Name.of(program));
        for (String argument : arguments) {
            spawn.arg(Name.of(argument));
        }
        return spawn;
    }

    /// Adds an argument.
    public Spawn arg(Name argument) {
        arguments.add(argument);
        return this;
    }

    /// Sets a variable of the environment.
    public Spawn env(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /// Gives the child a duplicate of `fd` as its descriptor `number`; `fd` stays the caller's and open.
    public Spawn fd(int number, Fd fd) {
        fds.put(number, fd);
        return this;
    }

    /// Starts it in another directory; a relative path to the program is looked up from there.
    public Spawn directory(Name path) {
        directory = path;
        return this;
    }

    /// Makes it the leader of a new session, without a terminal.
    public Spawn newSession() {
        flags |= SETSID;
        return this;
    }

    /// Makes it the leader of a new process group, so that the terminal's signals do not reach it.
    public Spawn newGroup() {
        flags |= SETPGROUP;
        return this;
    }

    /// Starts it. The caller closes the child, and asks its status once it has ended.
    ///
    /// @throws ErrnoException ENOENT if there is no such program or directory, EACCES, E2BIG, ENOMEM; the text
    ///     names the program
    public Child start() throws ErrnoException {
        var high = new ArrayList<Fd>();
        try (Arena arena = Arena.ofConfined();
                Scratch scratch = Scratch.take()) {
            var call = new Call(scratch, arena.allocate(ACTIONS_SIZE, 16), arena.allocate(ATTR_SIZE, 16));
            call.init();
            try {
                actions(call, arena, high);
                attributes(call, arena);
                int pid = call.spawn(strings(arena, arguments), strings(arena, variables()));
                return hold(pid);
            } finally {
                call.destroy();
            }
        } catch (ErrnoException e) {
            throw e.errno().error("%s: %s", arguments.getFirst(), e.errno().text());
        } finally {
            high.forEach(Fd::close);
        }
    }

    private static Child hold(int pid) throws ErrnoException {
        try {
            return new Child(pid, PidFd.open(pid));
        } catch (ErrnoException e) { // EMFILE: a child nobody could wait for
            Native.call(Syscalls.KILL, pid, SIGKILL, 0);
            Native.call(Syscalls.WAIT4, pid, 0, 0);
            throw e;
        }
    }

    /// The descriptors go above all that the child is to have, and from there down: none overwrites another.
    private void actions(Call call, Arena arena, List<Fd> high) throws ErrnoException {
        int end = Math.max(3, fds.isEmpty() ? 0 : fds.lastKey() + 1);
        for (int number = 0; number < end; number++) {
            Fd fd = fds.get(number);
            if (fd != null) {
                Fd moved = Fd.of(fd.fcntl(Fcntl.F_DUPFD_CLOEXEC, end));
                high.add(moved);
                call.action(Libc.ADD_DUP2, moved.number(), number);
            } else if (number > 2) {
                call.action(Libc.ADD_CLOSE, number, 0);
            }
        }
        call.action(Libc.ADD_CLOSEFROM, end, 0);
        if (directory != null) {
            call.action(Libc.ADD_CHDIR, Mounts.string(arena, directory), 0);
        }
    }

    private void attributes(Call call, Arena arena) throws ErrnoException {
        MemorySegment none = arena.allocate(SIGSET_SIZE);
        MemorySegment all = arena.allocate(SIGSET_SIZE).fill((byte) 0xff);
        call.attribute(Libc.SET_SIGMASK, none.address());
        call.attribute(Libc.SET_SIGDEFAULT, all.address());
        call.attribute(Libc.SET_FLAGS, flags);
    }

    private List<Name> variables() {
        var variables = new ArrayList<Name>();
        environment.forEach((name, value) -> variables.add(Name.of(name + "=" + value)));
        return variables;
    }

    private static long strings(Arena arena, List<Name> strings) throws ErrnoException {
        MemorySegment array = arena.allocate(JAVA_LONG, strings.size() + 1L); // ends with NULL
        for (int i = 0; i < strings.size(); i++) {
            array.setAtIndex(JAVA_LONG, i, Mounts.string(arena, strings.get(i)));
        }
        return array.address();
    }

    /// The libc functions, which answer an error number.
    private static final class Libc {
        static final MemorySegment SPAWNP = Native.function("posix_spawnp");
        static final MemorySegment INIT_ACTIONS = Native.function("posix_spawn_file_actions_init");
        static final MemorySegment DESTROY_ACTIONS = Native.function("posix_spawn_file_actions_destroy");
        static final MemorySegment ADD_DUP2 = Native.function("posix_spawn_file_actions_adddup2");
        static final MemorySegment ADD_CLOSE = Native.function("posix_spawn_file_actions_addclose");
        static final MemorySegment ADD_CLOSEFROM = Native.function("posix_spawn_file_actions_addclosefrom_np");
        static final MemorySegment ADD_CHDIR = Native.function("posix_spawn_file_actions_addchdir_np");
        static final MemorySegment INIT_ATTR = Native.function("posix_spawnattr_init");
        static final MemorySegment DESTROY_ATTR = Native.function("posix_spawnattr_destroy");
        static final MemorySegment SET_FLAGS = Native.function("posix_spawnattr_setflags");
        static final MemorySegment SET_SIGMASK = Native.function("posix_spawnattr_setsigmask");
        static final MemorySegment SET_SIGDEFAULT = Native.function("posix_spawnattr_setsigdefault");

        private Libc() {}
    }

    private record Call(Scratch scratch, MemorySegment actions, MemorySegment attr) {
        void init() throws ErrnoException {
            call(Libc.INIT_ACTIONS, actions.address(), 0, 0);
            call(Libc.INIT_ATTR, attr.address(), 0, 0);
        }

        void action(MemorySegment function, long a, long b) throws ErrnoException {
            call(function, actions.address(), a, b);
        }

        void attribute(MemorySegment function, long value) throws ErrnoException {
            call(function, attr.address(), value, 0);
        }

        void destroy() throws ErrnoException {
            call(Libc.DESTROY_ACTIONS, actions.address(), 0, 0);
            call(Libc.DESTROY_ATTR, attr.address(), 0, 0);
        }

        int spawn(long argv, long envp) throws ErrnoException {
            long pid = scratch.at(Scratch.STRUCT);
            long program = MemorySegment.ofAddress(argv).reinterpret(8).get(JAVA_LONG, 0);
            check(Native.invoke(Libc.SPAWNP, scratch, pid, program, actions.address(), attr.address(), argv, envp, 0));
            return scratch.memory().get(JAVA_INT, Scratch.STRUCT);
        }

        private void call(MemorySegment function, long a, long b, long c) throws ErrnoException {
            check(Native.invoke(function, scratch, a, b, c, 0, 0, 0, 0));
        }

        private static void check(long result) throws ErrnoException {
            Native.check(-(long) (int) result);
        }
    }
}
