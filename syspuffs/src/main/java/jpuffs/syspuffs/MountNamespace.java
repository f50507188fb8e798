// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jpuffs.sys.Sys;

/// Where a program runs that insists on mounting. What libfuse does for an ordinary user who may not mount is to
/// ask the program fusermount for a descriptor; in here that is [Fusermount]. So the program must be such a user,
/// whoever it is outside: it runs without CAP_SYS_ADMIN.
///
/// On disk it is a folder with the directory it "mounts" on, the script that makes the namespace and the
/// substitute.
final class MountNamespace implements AutoCloseable {
    /// $1: the folder. libfuse 2 and 3 have the path of their fusermount compiled in, and look in PATH after that.
    private static final String ENTER = """
            #!/bin/sh
            set -e
            folder=$1
            shift
            if [ ! -e /dev/fuse ]; then
                : >"$folder/null"
                mount --bind /dev/null "$folder/null"
                mount -t tmpfs -o mode=755 tmpfs /dev
                ln -s /proc/self/fd /dev/fd
                for name in null fuse; do : >/dev/$name; mount --bind "$folder/null" /dev/$name; done
            else
                mount --bind /dev/null /dev/fuse
            fi
            for helper in /usr/bin/fusermount /usr/bin/fusermount3 /bin/fusermount /bin/fusermount3; do
                [ ! -e $helper ] || mount --bind "$folder/fusermount" $helper
            done
            PATH=$folder:$PATH
            exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin -- "$@"
            """;

    private final Path folder;

    MountNamespace() throws IOException {
        folder = Files.createTempDirectory("syspuffs");
        Files.createDirectory(directory());
        write("enter", ENTER);
        String substitute = "#!/bin/sh\ncase \" $* \" in *' -u '*) exit 0 ;; esac\nexec " + java() + "\n";
        write("fusermount", substitute);
        write("fusermount3", substitute);
    }

    private Path directory() {
        return folder.resolve("mnt");
    }

    private void write(String name, String script) throws IOException {
        Path file = Files.writeString(folder.resolve(name), script);
        if (!file.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + file + " executable");
        }
    }

    /// [Fusermount] in a JVM with our modules, or our class path.
    private static String java() {
        String main = Fusermount.class.getName();
        Module module = Fusermount.class.getModule();
        String access = " --enable-native-access=";
        String flags = module.isNamed()
                ? access + "jpuffs.sys -p " + quoted(property("jdk.module.path")) + " -m " + module.getName() + "/"
                        + main
                : access + "ALL-UNNAMED -cp " + quoted(property("java.class.path")) + " " + main;
        return quoted(property("java.home") + "/bin/java") + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1" + flags;
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name), name);
    }

    /// Relative parts of a path are made absolute: the program may be elsewhere.
    private static String quoted(String path) {
        var parts = new ArrayList<String>();
        for (String part : path.split(File.pathSeparator, -1)) {
            parts.add(Path.of(part).toAbsolutePath().toString());
        }
        return "'" + String.join(File.pathSeparator, parts).replace("'", "'\\''") + "'";
    }

    /// The command that enters it and becomes `command`.
    List<String> wrap(List<String> command) {
        var all = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
        if (Sys.geteuid() != 0) {
            all.addAll(List.of("--user", "--map-root-user"));
        }
        all.addAll(List.of("--", folder.resolve("enter").toString(), folder.toString()));
        for (String word : command) {
            all.add(word.equals(ChildServer.MOUNT_POINT) ? directory().toString() : word);
        }
        return all;
    }

    @Override
    public void close() {
        for (String name : List.of("mnt", "enter", "fusermount", "fusermount3", "null", ".")) {
            try {
                Files.deleteIfExists(folder.resolve(name).normalize());
            } catch (IOException e) {
                Connection.LOG.log(Level.WARNING, "cannot remove " + e.getMessage());
            }
        }
    }
}
