// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jpuffs.core.FileSystem;
import jpuffs.servers.niofs.NioFs;

/// `nio`: any file system that Java programs have.
final class NioType implements FileServerType {
    private static final String ENV = "env.";
    private static final TypeOption CLASSPATH = new TypeOption(
            "classpath", "JARS", "jars with providers, with colons between; default: the JDK's own only");

    @Override
    public String name() {
        return "nio";
    }

    @Override
    public List<String> aliases() {
        return List.of("niofs");
    }

    @Override
    public String summary() {
        return "any file system of java.nio.file by its URI, or an archive, as a.zip";
    }

    @Override
    public Source source() {
        return Source.NAME;
    }

    @Override
    public List<TypeOption> options() {
        return List.of(CLASSPATH);
    }

    /// What the provider is told: `env.NAME=VALUE`.
    @Override
    public boolean passesOn(String option) {
        return option.startsWith(ENV) && option.length() > ENV.length();
    }

    @Override
    public FileSystem open(String source, Path dir, TypeOptions given) throws IOException, Failure {
        NioFs.Options options = NioFs.Options.NONE;
        for (Map.Entry<String, String> each : given.given().entrySet()) {
            if (passesOn(each.getKey())) {
                options = options.with(each.getKey().substring(ENV.length()), each.getValue());
            }
        }
        String jars = given.value(CLASSPATH);
        if (jars != null) {
            var path = new ArrayList<Path>();
            for (String jar : jars.split(File.pathSeparator, -1)) {
                path.add(Path.of(jar));
            }
            options = options.withClassPath(path);
        }
        NioFs fileSystem = NioFs.open(source, options);
        if (Files.isDirectory(dir) && fileSystem.contains(dir)) { // it may be a descriptor
            fileSystem.close();
            throw MountFailure.intoItself(source, dir);
        }
        return fileSystem;
    }
}
