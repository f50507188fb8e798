// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import jpuffs.puffs.MountOptions;
import jpuffs.servers.psshfs.Options;
import jpuffs.servers.psshfs.Psshfs;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.sftp.SftpModuleProperties;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// The cases on psshfs, mounted, with the server of Apache MINA SSHD: other extensions, other errors, another
/// order.
@Tag("mounted")
@Tag("root")
@Tag("long") // a connection by ssh for each case
class PsshfsOnMinaTest {
    @TempDir
    static Path dir;

    private static SshServer server;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/ssh")), "no ssh");
        KeyPair key = KeyUtils.generateKeyPair("ecdsa-sha2-nistp256", 256);
        Path file = Files.createFile(
                dir.resolve("id"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (OutputStream out = Files.newOutputStream(file)) {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "test", null, out);
        }
        server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        CoreModuleProperties.TCP_NODELAY.set(server, true); // as in our program in place of ssh
        SftpModuleProperties.FILE_HANDLE_SIZE.set(server, 16); // of 4 bytes, two files may have one (note 030)
        server.setKeyPairProvider(KeyPairProvider.wrap(KeyUtils.generateKeyPair("ecdsa-sha2-nistp256", 256)));
        server.setPublickeyAuthenticator((_, offered, _) -> KeyUtils.compareKeys(offered, key.getPublic()));
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory.Builder().build()));
        server.start();
    }

    @AfterAll
    static void end() throws Exception {
        if (server != null) {
            server.close(true);
        }
    }

    private static Env psshfs() {
        String ssh = "ssh -F none -p " + server.getPort() + " -i " + dir.resolve("id")
                + " -oIdentitiesOnly=yes -oUserKnownHostsFile=/dev/null -oStrictHostKeyChecking=no -oLogLevel=ERROR"
                + " -s root@127.0.0.1 sftp";
        var volume = new PsshfsVolume(Options.NONE.with("no_contain_symlinks", ""), ssh);
        return new MountedEnv("psshfs of MINA", missing(), volume, Psshfs.mountOptions(MountOptions.defaults()));
    }

    /// Java makes `/x` of `//x`, knows names in its own character set only (two others become one), has none of the
    /// three bits before the permissions, and sets no time when it cuts nothing; the server looks for attributes by
    /// the path of a file, even of an open one, and has no statvfs, so nobody can say that a "failure" is a full
    /// disk.
    private static Set<Feature> missing() {
        Set<Feature> missing = EnumSet.copyOf(PsshfsVolume.missing());
        missing.addAll(Set.of(Feature.LINK_TEXT, Feature.ANY_BYTES, Feature.MODES, Feature.UNNAMED_FILES));
        missing.addAll(Set.of(Feature.STATFS, Feature.FILE_COUNTS, Feature.SIZE_LIMIT, Feature.TRUNCATE_TIMES));
        return missing;
    }

    @TestFactory
    Stream<DynamicTest> onMina() {
        return Matrix.quick(PsshfsOnMinaTest::psshfs);
    }
}
