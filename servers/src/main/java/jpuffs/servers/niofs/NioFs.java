// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.niofs;

import java.io.Closeable;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.Errno;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import jpuffs.core.layers.PathView;

/// A file system of `java.nio.file` as one to be served.
public final class NioFs implements jpuffs.core.FileSystem, Closeable {
    private final jpuffs.core.FileSystem view;
    private final Closeable below;
    private final Path top;

    private NioFs(Path root, Closeable below) {
        FileSystem fs = root.getFileSystem();
        // the JDK's zip file system replaces a whole file by each channel that writes
        boolean readOnly = fs.isReadOnly() || fs.provider().getScheme().equals("jar");
        this.view = PathView.of(new NioPaths(root, new NioAttrs(fs, readOnly), readOnly));
        this.below = below;
        this.top = root;
    }

    /// How one is opened.
    ///
    /// @param env what the provider is told, see [FileSystems#newFileSystem(URI, Map)]
    /// @param classPath jars and folders where providers are looked for, besides the installed ones
    public record Options(Map<String, String> env, List<Path> classPath) {
        public static final Options NONE = new Options(Map.of(), List.of());

        public Options with(String name, String value) {
            var more = new HashMap<>(env);
            more.put(name, value);
            return new Options(Map.copyOf(more), classPath);
        }

        public Options withClassPath(List<Path> path) {
            return new Options(env, List.copyOf(path));
        }
    }

    /// What is at `root` and below it. Its file system is not closed with this.
    public static NioFs over(Path root) {
        return new NioFs(root, () -> {});
    }

    /// Opens a file system by its URI, or an archive by its path. If the URI leads to a path inside, that is the
    /// root, else the file system's first.
    ///
    /// @throws IOException ENODEV if there is no provider for it, EINVAL for what is no URI; the provider's
    public static NioFs open(String source, Options options) throws IOException {
        ClassLoader loader = loader(options);
        return NioErrors.call(() -> {
            try {
                return source.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")
                        ? open(new URI(source), options, loader)
                        : whole(FileSystems.newFileSystem(Path.of(source), options.env, loader));
            } catch (ProviderNotFoundException _) {
                throw Errno.ENODEV.error("there is no provider of such file systems (the option classpath names more)");
            } catch (URISyntaxException | IllegalArgumentException e) {
                throw Errno.EINVAL.error("%s", String.valueOf(e.getMessage()));
            }
        });
    }

    private static ClassLoader loader(Options options) throws MalformedURLException {
        ClassLoader installed = ClassLoader.getSystemClassLoader();
        if (options.classPath.isEmpty()) {
            return installed;
        }
        var urls = new URL[options.classPath.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = options.classPath.get(i).toUri().toURL();
        }
        return new URLClassLoader(urls, installed);
    }

    private static NioFs whole(FileSystem fs) {
        return new NioFs(fs.getRootDirectories().iterator().next(), fs);
    }

    private static NioFs open(URI uri, Options options, ClassLoader loader) throws IOException {
        if (uri.getScheme().equalsIgnoreCase("file")) {
            return new NioFs(Path.of(uri), () -> {});
        }
        FileSystem fs;
        try {
            fs = FileSystems.newFileSystem(uri, options.env, loader);
        } catch (FileSystemAlreadyExistsException e) {
            return new NioFs(Path.of(uri), () -> {}); // somebody else in this JVM has it
        }
        try {
            return new NioFs(fs.provider().getPath(uri), fs);
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            return whole(fs); // a URI of the file system, not of a path
        }
    }

    /// Whether a directory of the host is served here: mounted there, this would look into itself.
    public boolean contains(Path directory) throws IOException {
        return top.getFileSystem().equals(FileSystems.getDefault())
                && directory.toRealPath().startsWith(top.toRealPath());
    }

    @Override
    public Node root() throws IOException {
        return view.root();
    }

    @Override
    public StatFs statfs() throws IOException {
        return view.statfs();
    }

    /// Closes the file system below, if this opened it.
    @Override
    public void close() throws IOException {
        below.close();
    }
}
