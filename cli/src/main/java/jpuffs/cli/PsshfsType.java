// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.servers.psshfs.OptionTable;
import jpuffs.servers.psshfs.Options;
import jpuffs.servers.psshfs.Psshfs;
import jpuffs.servers.psshfs.Remote;

/// `psshfs`: a directory of another machine, over SFTP.
final class PsshfsType implements FileServerType {
    @Override
    public String name() {
        return "psshfs";
    }

    @Override
    public List<String> aliases() {
        return List.of("sshfs");
    }

    @Override
    public String summary() {
        return "a directory of another machine, [user@]host[:path], over ssh";
    }

    @Override
    public Source source() {
        return Source.NAME;
    }

    @Override
    public List<TypeOption> options() {
        var all = new ArrayList<TypeOption>();
        for (OptionTable.Row row : OptionTable.rows()) {
            all.add(new TypeOption(row.name(), row.param(), row.help()));
        }
        return all;
    }

    /// The keywords of ssh_config(5).
    @Override
    public boolean passesOn(String option) {
        return OptionTable.isSsh(option);
    }

    /// It drops the caches.
    @Override
    public boolean takesHangUp() {
        return true;
    }

    @Override
    public MountOptions defaults(MountOptions base) {
        return Psshfs.mountOptions(base);
    }

    @Override
    public FileSystem open(String source, Path dir, TypeOptions given) throws IOException, Failure {
        Optimiser.takeWhatIsLeft();
        try {
            Options options = Options.NONE;
            for (Map.Entry<String, String> each : given.given().entrySet()) {
                options = options.with(each.getKey(), each.getValue());
            }
            return Psshfs.open(Remote.parse(source), options);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }
}
