// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.ClientSessionCreator;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.jspecify.annotations.Nullable;

/// The keys that servers are known by, from files of the format in sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". A server
/// whose key is not in them is refused, unless the user said StrictHostKeyChecking=no or accept-new; one that has
/// another key, or one that was revoked, always. Nothing is added to the files; authorities are not known.
final class HostKeys implements ServerKeyVerifier {
    private final Host host;
    private final List<Path> files;
    private volatile String why = "";

    HostKeys(Host host) {
        this.host = host;
        files = new ArrayList<>(host.files("UserKnownHostsFile", "~/.ssh/known_hosts ~/.ssh/known_hosts2"));
        files.addAll(host.files("GlobalKnownHostsFile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"));
    }

    /// Why a server was refused; empty if none was.
    String why() {
        return why;
    }

    private List<KnownHostEntry> entries(String name, int port) throws IOException {
        var found = new ArrayList<KnownHostEntry>();
        for (Path file : files) {
            if (Files.isRegularFile(file)) {
                for (KnownHostEntry entry : KnownHostEntry.readKnownHostEntries(file)) {
                    if (entry.isHostMatch(name, port) && !"cert-authority".equals(entry.getMarker())) {
                        found.add(entry);
                    }
                }
            }
        }
        return found;
    }

    @Override
    public boolean verifyServerKey(ClientSession session, SocketAddress address, PublicKey key) {
        SshdSocketAddress to = session.getAttribute(ClientSessionCreator.TARGET_SERVER);
        String name = to != null ? to.getHostName() : ((InetSocketAddress) address).getHostString();
        int port = to != null ? to.getPort() : ((InetSocketAddress) address).getPort();
        boolean last =
                name.equals(host.entry().getHostName()) && port == host.entry().getPort();
        String alias = last ? host.word("HostKeyAlias").orElse(name) : name;
        String shown = KeyUtils.getKeyType(key) + " " + KeyUtils.getFingerPrint(key);
        try {
            return accepts(session, alias, port, key, shown);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            why = "the files of known hosts cannot be read: " + e.getMessage();
            return false;
        }
    }

    private boolean accepts(ClientSession session, String name, int port, PublicKey key, String shown)
            throws IOException, GeneralSecurityException {
        boolean changed = false;
        boolean known = false;
        for (KnownHostEntry entry : entries(name, port)) {
            boolean same = KeyUtils.compareKeys(key, key(session, entry));
            if (same && "revoked".equals(entry.getMarker())) {
                why = "the key of " + name + " (" + shown + ") is marked as revoked";
                return false;
            }
            known |= same;
            changed |= !same && entry.getKeyEntry().getKeyType().equals(KeyUtils.getKeyType(key));
        }
        if (known) {
            return true;
        }
        if (changed) {
            why = "the key of %s has changed: it is %s. Somebody may be listening; if not, remove the old one from %s"
                    .formatted(name, shown, files.getFirst());
            return false;
        }
        return acceptsUnknown(name, shown);
    }

    private boolean acceptsUnknown(String name, String shown) {
        if (Set.of("no", "off", "accept-new")
                .contains(host.word("StrictHostKeyChecking").orElse("ask"))) {
            Main.say("the key of " + name + " (" + shown + ") is not known; it is taken as you said");
            return true;
        }
        why = "the key of %s is not known: %s. Compare it with that of the server, and add it to %s (ssh-keyscan)"
                .formatted(name, shown, files.getFirst());
        return false;
    }

    private static @Nullable PublicKey key(ClientSession session, KnownHostEntry entry)
            throws IOException, GeneralSecurityException {
        return entry.getKeyEntry().resolvePublicKey(session, Map.of(), PublicKeyEntryResolver.IGNORING);
    }

    /// The same algorithms, those first for which a key of the server is known: a server has keys of several kinds,
    /// and shows the one that is asked for first.
    List<NamedFactory<Signature>> sorted(Collection<NamedFactory<Signature>> algorithms) throws IOException {
        Set<String> types =
                entries(
                                host.word("HostKeyAlias").orElse(host.entry().getHostName()),
                                host.entry().getPort())
                        .stream()
                        .map(entry -> entry.getKeyEntry().getKeyType())
                        .collect(Collectors.toSet());
        Comparator<NamedResource> known =
                Comparator.comparing(algorithm -> !types.contains(KeyUtils.getCanonicalKeyType(algorithm.getName())));
        return algorithms.stream().sorted(known).toList();
    }
}
