// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// A path of a [RumpFileSystem]: names, which are bytes as in the file system itself; as text they are UTF-8, and
/// what is not UTF-8 is a replacement character there. Relative paths begin at the root. Immutable.
///
/// The empty path is relative and has one name, which is empty, as the JDK has it.
final class RumpPath implements Path {
    private final RumpFileSystem fs;
    private final boolean absolute;
    private final List<Name> names;

    RumpPath(RumpFileSystem fs, boolean absolute, List<Name> names) {
        this.fs = fs;
        this.absolute = absolute;
        this.names = !absolute && names.isEmpty() ? List.of(Name.of("")) : List.copyOf(names);
    }

    /// @throws InvalidPathException with a NUL in it, or half a surrogate pair
    static RumpPath parse(RumpFileSystem fs, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(text, "a NUL in it");
        }
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return of(fs, Arrays.copyOfRange(bytes.array(), bytes.arrayOffset(), bytes.limit()));
        } catch (CharacterCodingException e) {
            throw new InvalidPathException(text, "not Unicode");
        }
    }

    /// The path these bytes are, as the kernel has them.
    static RumpPath of(RumpFileSystem fs, byte[] path) {
        var names = new ArrayList<Name>();
        for (int from = 0; from < path.length; ) {
            int to = from;
            while (to < path.length && path[to] != '/') {
                to++;
            }
            if (to > from) {
                names.add(Name.of(Arrays.copyOfRange(path, from, to)));
            }
            from = to + 1;
        }
        return new RumpPath(fs, path.length > 0 && path[0] == '/', names);
    }

    /// @throws ProviderMismatchException for a path of another provider
    static RumpPath of(Path path) {
        if (path instanceof RumpPath mine) {
            return mine;
        }
        throw new ProviderMismatchException(path + " is not a path of rump:");
    }

    private RumpPath with(boolean isAbsolute, List<Name> of) {
        return new RumpPath(fs, isAbsolute, of);
    }

    List<Name> names() {
        return names;
    }

    /// As the kernel has it: relative paths without a slash in front, the empty one is `.`.
    byte[] toBytes() {
        if (isEmpty()) {
            return new byte[] {'.'};
        }
        var bytes = new ByteArrayOutputStream();
        String between = absolute ? "/" : "";
        for (Name name : names) {
            bytes.writeBytes(between.getBytes(StandardCharsets.US_ASCII));
            bytes.writeBytes(name.toBytes());
            between = "/";
        }
        return names.isEmpty() ? new byte[] {'/'} : bytes.toByteArray();
    }

    private boolean isEmpty() {
        return !absolute && names.size() == 1 && names.getFirst().length() == 0;
    }

    @Override
    public RumpFileSystem getFileSystem() {
        return fs;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public @Nullable RumpPath getRoot() {
        return absolute ? with(true, List.of()) : null;
    }

    @Override
    public @Nullable RumpPath getFileName() {
        return names.isEmpty() ? null : with(false, List.of(names.getLast()));
    }

    @Override
    public @Nullable RumpPath getParent() {
        if (names.isEmpty() || names.size() == 1 && !absolute) {
            return null;
        }
        return with(absolute, names.subList(0, names.size() - 1));
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public RumpPath getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public RumpPath subpath(int beginIndex, int endIndex) {
        if (beginIndex < 0 || endIndex > names.size() || beginIndex >= endIndex) {
            throw new IllegalArgumentException("%d to %d of %d names".formatted(beginIndex, endIndex, names.size()));
        }
        return with(false, names.subList(beginIndex, endIndex));
    }

    @Override
    public boolean startsWith(Path other) {
        return isOfThisFileSystem(other)
                && other instanceof RumpPath path
                && path.absolute == absolute
                && path.names.size() <= names.size()
                && names.subList(0, path.names.size()).equals(path.names);
    }

    @Override
    public boolean endsWith(Path other) {
        if (!isOfThisFileSystem(other) || !(other instanceof RumpPath path) || path.names.size() > names.size()) {
            return false;
        }
        boolean whole = path.names.size() == names.size();
        return (!path.absolute || absolute && whole)
                && names.subList(names.size() - path.names.size(), names.size()).equals(path.names);
    }

    @SuppressWarnings("ReferenceEquality") // one object is one file system
    private boolean isOfThisFileSystem(Path other) {
        return other.getFileSystem() == fs;
    }

    @Override
    public RumpPath normalize() {
        var kept = new ArrayList<Name>();
        for (Name name : names) {
            if (name.isDotDot()) {
                if (!kept.isEmpty() && !kept.getLast().isDotDot()) {
                    kept.removeLast();
                } else if (!absolute) {
                    kept.add(name);
                }
            } else if (!name.isDot()) {
                kept.add(name);
            }
        }
        return with(absolute, kept);
    }

    @Override
    public RumpPath resolve(Path other) {
        RumpPath path = of(other);
        if (path.absolute || isEmpty()) {
            return path;
        }
        return path.isEmpty() ? this : join(path.names);
    }

    /// This with a name behind it.
    RumpPath resolve(Name name) {
        return isEmpty() ? with(false, List.of(name)) : join(List.of(name));
    }

    private RumpPath join(List<Name> more) {
        var all = new ArrayList<>(names);
        all.addAll(more);
        return with(absolute, all);
    }

    @Override
    public RumpPath relativize(Path other) {
        RumpPath to = of(other).normalize();
        RumpPath from = normalize();
        if (to.absolute != absolute) {
            throw new IllegalArgumentException("one of " + this + " and " + other + " is relative, one is not");
        }
        List<Name> start = from.isEmpty() ? List.of() : from.names;
        List<Name> end = to.isEmpty() ? List.of() : to.names;
        int same = 0;
        while (same < start.size() && same < end.size() && start.get(same).equals(end.get(same))) {
            same++;
        }
        var way = new ArrayList<Name>();
        for (Name up : start.subList(same, start.size())) {
            if (up.isDotDot()) {
                throw new IllegalArgumentException("no way from " + this + " to " + other + " without looking");
            }
            way.add(Name.DOT_DOT);
        }
        way.addAll(end.subList(same, end.size()));
        return with(false, way);
    }

    @Override
    public URI toUri() {
        return fs.uri(toAbsolutePath());
    }

    @Override
    public RumpPath toAbsolutePath() {
        if (absolute) {
            return this;
        }
        return with(true, isEmpty() ? List.of() : names);
    }

    @Override
    public RumpPath toRealPath(LinkOption... options) throws IOException {
        return new RealPath(fs, !List.of(options).contains(LinkOption.NOFOLLOW_LINKS)).of(toAbsolutePath());
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers)
            throws IOException {
        if (!(watcher instanceof RumpWatchService service)) {
            throw new ProviderMismatchException("not a watch service of rump:");
        }
        return service.register(this, events, modifiers);
    }

    /// By bytes.
    ///
    /// @throws ClassCastException for a path of another provider
    @Override
    public int compareTo(Path other) {
        return Arrays.compareUnsigned(asText(), ((RumpPath) other).asText());
    }

    /// [#toBytes()], but nothing for the empty path.
    private byte[] asText() {
        return isEmpty() ? new byte[0] : toBytes();
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // one object is one file system
    public boolean equals(@Nullable Object other) {
        return other instanceof RumpPath path && path.fs == fs && path.absolute == absolute && path.names.equals(names);
    }

    @Override
    public int hashCode() {
        return names.hashCode() + (absolute ? 1 : 0);
    }

    @Override
    public String toString() {
        return new String(asText(), StandardCharsets.UTF_8);
    }
}
