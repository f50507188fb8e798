// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import jpuffs.core.ErrnoException;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.Sftp;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// Which user and group here is which on the server (`-o idmap=`).
final class IdMap {
    private static final int MAX_ASKED = 256;
    private static final String PASSWD = "/etc/passwd";
    private static final String GROUP = "/etc/group";

    private final Ids users;
    private final Ids groups;
    private final boolean byName;
    private final boolean strict;

    /// The ids of one kind, both ways; those that are in neither map are the same here and there.
    private static final class Ids {
        private final Map<Integer, Integer> toLocal = new HashMap<>();
        private final Map<Integer, Integer> toRemote = new HashMap<>();
        private final Set<Integer> asked = new TreeSet<>();
        private final Map<String, Integer> names;

        Ids(Map<String, Integer> names) {
            this.names = names;
        }

        void add(int local, int remote) {
            toLocal.put(remote, local);
            toRemote.put(local, remote);
        }

        int local(int remote) {
            return toLocal.getOrDefault(remote, remote);
        }

        int remote(int local, boolean strict) throws ErrnoException {
            Integer found = toRemote.get(local);
            if (found == null && strict) {
                throw EPERM.error("id %d has none on the server, by the files of idmap=file", local);
            }
            return found == null ? local : found;
        }

        void learn(List<Integer> ids, List<String> found) {
            for (int i = 0; i < Math.min(ids.size(), found.size()); i++) {
                Integer local = names.get(found.get(i));
                if (local != null) {
                    add(local, ids.get(i));
                }
            }
        }
    }

    private IdMap(Ids users, Ids groups, boolean byName, boolean strict) {
        this.users = users;
        this.groups = groups;
        this.byName = byName;
        this.strict = strict;
    }

    /// @param home the attributes of the home directory on the server, whose owner is who we are there
    /// @throws IOException if a file cannot be read, or has a line that is none: the text says which
    static IdMap of(Options options, FileAttrs home, int uid, int gid) throws IOException {
        String how = options.value("idmap", "none");
        boolean named = how.equals("name");
        var users = new Ids(named || how.equals("file") ? names(PASSWD) : Map.of());
        var groups = new Ids(named || how.equals("file") ? names(GROUP) : Map.of());
        if (how.equals("user") && home.has(FileAttrs.UIDGID)) {
            users.add(uid, home.uid());
            groups.add(gid, home.gid());
        }
        if (how.equals("file")) {
            read(options.value("uidfile"), users);
            read(options.value("gidfile"), groups);
        }
        boolean strict = how.equals("file") && options.value("nomap", "error").equals("error");
        return new IdMap(users, groups, named, strict);
    }

    private static Map<String, Integer> names(String file) throws IOException {
        var names = new HashMap<String, Integer>();
        for (String line : Files.readAllLines(Path.of(file))) {
            String[] fields = line.split(":", -1);
            if (fields.length > 2 && fields[2].matches("\\d{1,10}")) {
                names.put(fields[0], Integer.parseUnsignedInt(fields[2]));
            }
        }
        return names;
    }

    private static void read(@Nullable String file, Ids ids) throws IOException {
        if (file == null) {
            return;
        }
        int number = 0;
        for (String line : Files.readAllLines(Path.of(file))) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            String[] fields = text.split(":", -1);
            Integer local = fields.length == 2 ? id(fields[0], ids.names) : null;
            if (local == null || !fields[1].matches("\\d{1,9}")) {
                throw new IOException(file + " line " + number + ": not local:remote-id, or an unknown name");
            }
            ids.add(local, Integer.parseInt(fields[1]));
        }
    }

    private static @Nullable Integer id(String text, Map<String, Integer> names) {
        return text.matches("\\d{1,9}") ? Integer.valueOf(text) : names.get(text);
    }

    int localUid(int remote) {
        return users.local(remote);
    }

    int localGid(int remote) {
        return groups.local(remote);
    }

    int remoteUid(int local) throws ErrnoException {
        return users.remote(local, strict);
    }

    int remoteGid(int local) throws ErrnoException {
        return groups.remote(local, strict);
    }

    /// Asks the server for the names of owners that are new, where the map goes by name. Yields.
    void learn(SftpConnection connection, Iterable<FileAttrs> seen) throws ErrnoException {
        if (!byName || !connection.has(Sftp.USERS_GROUPS)) {
            return;
        }
        var uids = new TreeSet<Integer>();
        var gids = new TreeSet<Integer>();
        for (FileAttrs attrs : seen) {
            if (attrs.has(FileAttrs.UIDGID) && uids.size() < MAX_ASKED && gids.size() < MAX_ASKED) {
                addNew(attrs.uid(), users, uids);
                addNew(attrs.gid(), groups, gids);
            }
        }
        if (uids.isEmpty() && gids.isEmpty()) {
            return;
        }
        try (var reply = connection.call(Requests.usersGroups(connection, uids, gids))) {
            List<List<String>> names = Replies.usersGroups(connection, reply);
            users.learn(List.copyOf(uids), names.get(0));
            groups.learn(List.copyOf(gids), names.get(1));
        }
    }

    private static void addNew(int id, Ids ids, Set<Integer> unknown) {
        if (ids.asked.add(id)) {
            unknown.add(id);
        }
    }
}
