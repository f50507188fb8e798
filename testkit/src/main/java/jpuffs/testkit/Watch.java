// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;

/// The times of some files before an operation, to tell which of them it has set.
///
/// ```java
/// var watch = Watch.of(env, "d", "d/f");
/// root.unlink("d/f");
/// watch.expect("d", "mc");
/// ```
final class Watch {
    private final Client client;
    private final boolean withCtime;
    private final Map<String, Attr> before = new HashMap<>();

    private Watch(Client client, boolean withCtime) {
        this.client = client;
        this.withCtime = withCtime;
    }

    /// Notes the times of `paths`, links not followed, and lets the clock go on.
    static Watch of(Env env, String... paths) throws Exception {
        var watch = new Watch(env.root(), env.has(Feature.CTIME));
        if (watch.withCtime) {
            env.tick(); // makes its own file now, if it must
        }
        for (String path : paths) {
            watch.before.put(path, watch.client.lstat(path));
        }
        env.tick();
        return watch;
    }

    /// Expects exactly these times to be later now: of the letters `m` (modification) and `c` (change), and with
    /// `a` (access) that as well, which else is left alone. Without [Feature#CTIME] `c` is not looked at.
    void expect(String path, String times) throws ErrnoException {
        expect(path, path, times);
    }

    /// The same for a file that has another path now.
    void expect(String oldPath, String path, String times) throws ErrnoException {
        Attr old = requireNonNull(before.get(oldPath), oldPath);
        Attr now = client.lstat(path);
        String later = later("m", old.mtime().compareTo(now.mtime()))
                + (withCtime ? later("c", old.ctime().compareTo(now.ctime())) : "")
                + (times.contains("a") ? later("a", old.atime().compareTo(now.atime())) : "");
        assertThat(later)
                .as("times of %s that the operation set", path)
                .isEqualTo(withCtime ? times : times.replace("c", ""));
    }

    private static String later(String letter, int comparison) {
        return comparison < 0 ? letter : comparison == 0 ? "" : letter + " backwards";
    }
}
