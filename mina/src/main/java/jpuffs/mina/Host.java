// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.sshd.client.config.hosts.ConfigFileHostEntryResolver;
import org.apache.sshd.client.config.hosts.HostConfigEntry;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.jspecify.annotations.Nullable;

/// What the arguments and the configuration say about a server, the arguments first.
final class Host {
    private static final int SSH = 22;

    private final HostConfigEntry entry;
    private final HostConfigEntryResolver resolver;

    private Host(HostConfigEntry entry, HostConfigEntryResolver resolver) {
        this.entry = entry;
        this.resolver = resolver;
    }

    /// @throws Refused for a configuration that cannot be read, and for keywords without which one would
    ///     connect to another place than ssh does
    static Host of(Arguments arguments) throws IOException {
        HostConfigEntryResolver resolver = resolver(arguments.config());
        var entry = new HostConfigEntry();
        for (Map.Entry<String, String> each : arguments.options().entrySet()) {
            set(entry, each.getKey(), each.getValue());
        }
        HostConfigEntry found = resolver.resolveEffectiveHost(arguments.host(), 0, null, null, null, null);
        if (found != null) {
            entry.collate(found);
        }
        entry.setHost(arguments.host());
        if (isEmpty(entry.getHostName())) {
            entry.setHostName(arguments.host());
        }
        if (entry.getPort() <= 0) {
            entry.setPort(SSH);
        }
        if (isEmpty(entry.getUsername())) {
            entry.setUsername(System.getProperty("user.name"));
        }
        var host = new Host(entry, resolver);
        if (!host.word("ProxyCommand").orElse("none").equalsIgnoreCase("none")) {
            throw new Refused("ProxyCommand needs the program ssh; ProxyJump is known");
        }
        return host;
    }

    private static void set(HostConfigEntry entry, String keyword, String value) throws Refused {
        try {
            entry.processProperty(keyword, HostConfigEntry.parseConfigValue(value));
        } catch (IllegalArgumentException e) {
            throw new Refused(keyword + "=" + value + " cannot be");
        }
    }

    private static HostConfigEntryResolver resolver(@Nullable String config) throws Refused {
        if ("none".equals(config)) {
            return HostConfigEntryResolver.EMPTY;
        }
        Path file = config == null ? home().resolve("config") : Path.of(config);
        if (config != null && !Files.isReadable(file)) {
            throw new Refused("cannot read " + file);
        }
        return new ConfigFileHostEntryResolver(file);
    }

    /// Where ssh keeps what is the user's.
    static Path home() {
        return Path.of(System.getProperty("user.home"), ".ssh");
    }

    private static boolean isEmpty(@Nullable String text) {
        return text == null || text.isEmpty();
    }

    HostConfigEntry entry() {
        return entry;
    }

    /// For the hosts on the way to it.
    HostConfigEntryResolver resolver() {
        return resolver;
    }

    /// The value of a keyword.
    Optional<String> word(String keyword) {
        return Optional.ofNullable(entry.getProperty(keyword))
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }

    boolean is(String keyword, String value) {
        return word(keyword).filter(value::equalsIgnoreCase).isPresent();
    }

    /// @throws Refused for what is not a number of seconds
    Duration seconds(String keyword, Duration otherwise) throws Refused {
        Optional<String> text = word(keyword).filter(t -> !t.equalsIgnoreCase("none"));
        if (text.isEmpty()) {
            return otherwise;
        }
        if (!text.get().matches("[1-9]\\d{0,5}")) {
            throw new Refused(keyword + "=" + text.get() + " is not a number of seconds");
        }
        return Duration.ofSeconds(Long.parseLong(text.get()));
    }

    /// Files, `~` being the user's home.
    List<Path> files(String keyword, String otherwise) {
        return List.of(word(keyword).orElse(otherwise).split("[\\s,]+", -1)).stream()
                .map(Host::file)
                .toList();
    }

    static Path file(String text) {
        String home = System.getProperty("user.home");
        return Path.of(text.startsWith("~/") ? home + text.substring(1) : text.replace("%d", home));
    }
}
