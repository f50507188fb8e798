// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import jpuffs.core.Mode;
import org.jspecify.annotations.Nullable;

/// Attributes by name, as in `unix:mode,uid`: `VIEW:NAME,...`, where the view is `basic` if none is said and `*` is
/// all of its names. The names of `unix` are those of the JDK's own file system on Linux.
final class AttributeNames {
    private static final String BASIC = "basic";
    private static final String USER = "user";
    private static final Map<String, Map<String, Function<RumpAttributes, @Nullable Object>>> VIEWS = views();

    private final String view;
    private final String names;

    private AttributeNames(String view, String names) {
        this.view = view;
        this.names = names;
    }

    /// @throws UnsupportedOperationException for a view that is not known
    static AttributeNames parse(String text) {
        int colon = text.indexOf(':');
        String view = colon < 0 ? BASIC : text.substring(0, colon);
        if (!view.equals(USER) && !VIEWS.containsKey(view)) {
            throw new UnsupportedOperationException("no view " + view);
        }
        return new AttributeNames(view, text.substring(colon + 1));
    }

    private static Map<String, Map<String, Function<RumpAttributes, @Nullable Object>>> views() {
        var basic = new LinkedHashMap<String, Function<RumpAttributes, @Nullable Object>>();
        basic.put("size", RumpAttributes::size);
        basic.put("creationTime", RumpAttributes::creationTime);
        basic.put("lastAccessTime", RumpAttributes::lastAccessTime);
        basic.put("lastModifiedTime", RumpAttributes::lastModifiedTime);
        basic.put("isDirectory", RumpAttributes::isDirectory);
        basic.put("isRegularFile", RumpAttributes::isRegularFile);
        basic.put("isSymbolicLink", RumpAttributes::isSymbolicLink);
        basic.put("isOther", RumpAttributes::isOther);
        basic.put("fileKey", RumpAttributes::fileKey);
        var posix = new LinkedHashMap<>(basic);
        posix.put("permissions", RumpAttributes::permissions);
        posix.put("owner", RumpAttributes::owner);
        posix.put("group", RumpAttributes::group);
        var unix = new LinkedHashMap<>(posix);
        unix.put("mode", each -> each.stat().attr().mode());
        unix.put("ino", each -> each.stat().attr().ino());
        unix.put("dev", each -> each.stat().dev());
        unix.put("rdev", each -> (long) each.stat().attr().rdev());
        unix.put("nlink", each -> each.stat().attr().nlink());
        unix.put("uid", each -> each.stat().attr().uid());
        unix.put("gid", each -> each.stat().attr().gid());
        unix.put("ctime", RumpAttributes::changeTime);
        return Map.of(BASIC, basic, "owner", Map.of("owner", RumpAttributes::owner), "posix", posix, "unix", unix);
    }

    /// The values of a file.
    ///
    /// @throws IllegalArgumentException for a name the view does not have
    Map<String, @Nullable Object> read(Target target, boolean follow) throws IOException {
        var values = new LinkedHashMap<String, @Nullable Object>();
        if (view.equals(USER)) {
            var user = new UserView(target, follow);
            for (String name : names.equals("*") ? user.list() : Set.of(names.split(",", -1))) {
                values.put(name, user.get(name));
            }
            return values;
        }
        var known = VIEWS.getOrDefault(view, Map.of());
        RumpAttributes attributes = new FileView(view, target, follow).readAttributes();
        for (String name : names.split(",", -1)) {
            if (name.equals("*")) {
                known.forEach((each, value) -> values.put(each, value.apply(attributes)));
            } else {
                values.put(name, known(name).apply(attributes));
            }
        }
        return values;
    }

    private Function<RumpAttributes, @Nullable Object> known(String name) {
        Function<RumpAttributes, @Nullable Object> value =
                VIEWS.getOrDefault(view, Map.of()).get(name);
        if (value == null) {
            throw new IllegalArgumentException("view " + view + " has no attribute " + name);
        }
        return value;
    }

    /// Sets one attribute.
    ///
    /// @throws IllegalArgumentException for a name the view does not have, or that cannot be set
    /// @throws ClassCastException for a value of another type
    void set(Target target, boolean follow, Object value) throws IOException {
        if (view.equals(USER)) {
            var bytes = value instanceof byte[] array ? ByteBuffer.wrap(array) : (ByteBuffer) value;
            new UserView(target, follow).write(names, bytes);
            return;
        }
        known(names);
        var file = new FileView(view, target, follow);
        switch (names) {
            case "lastModifiedTime" -> file.setTimes((FileTime) value, null, null);
            case "lastAccessTime" -> file.setTimes(null, (FileTime) value, null);
            case "creationTime" -> file.setTimes(null, null, (FileTime) value);
            case "permissions" -> file.setPermissions(permissions(value));
            case "owner" -> file.setOwner((UserPrincipal) value);
            case "group" -> file.setGroup((GroupPrincipal) value);
            case "mode" -> file.setMode((Integer) value);
            case "uid" -> file.setUid((Integer) value);
            case "gid" -> file.setGid((Integer) value);
            default -> throw new IllegalArgumentException(view + ":" + names + " cannot be set");
        }
    }

    private static Set<PosixFilePermission> permissions(Object value) {
        var permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (Object each : (Set<?>) value) {
            permissions.add((PosixFilePermission) each);
        }
        return permissions;
    }

    /// The mode of a file that is made with these attributes, or `otherwise`.
    ///
    /// @throws UnsupportedOperationException for one that cannot be given to a new file
    static int mode(int otherwise, FileAttribute<?>... attributes) {
        int mode = otherwise;
        for (var attribute : attributes) {
            mode = switch (attribute.name()) {
                case "posix:permissions" -> Mode.of(permissions(attribute.value()));
                case "unix:mode" -> (Integer) attribute.value() & Mode.PERMISSIONS;
                default -> throw new UnsupportedOperationException(attribute.name() + " cannot be given to a new file");
            };
        }
        return mode;
    }

    /// The attribute that says with what mode a file is made.
    static FileAttribute<Integer> ofMode(int mode) {
        return new FileAttribute<>() {
            @Override
            public String name() {
                return "unix:mode";
            }

            @Override
            public Integer value() {
                return mode;
            }
        };
    }
}
