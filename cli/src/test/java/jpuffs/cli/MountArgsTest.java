// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(10)
class MountArgsTest {
    private static MountArgs parse(String line) throws Failure {
        return MountArgs.parse(line.isEmpty() ? List.of() : List.of(line.split(" ", -1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            value = {
                // line -> type source dir options foreground verbose
                "null /d -> null,-,/d,[],false,false",
                "null /s /d -> null,/s,/d,[],false,false",
                "null /s /d -f -> null,/s,/d,[],true,false",
                "-f null -v /s /d -> null,/s,/d,[],true,true",
                "null /s /d -fv -> null,/s,/d,[],true,true",
                "null /s /d -o ro -> null,/s,/d,[ro],false,false",
                "null /s /d -oro -> null,/s,/d,[ro],false,false",
                "-o ro,uid=5 null /s /d -o rw -> null,/s,/d,[ro, uid=5, rw],false,false",
                "null /s /d -fo ro -> null,/s,/d,[ro],true,false",
                "null /s /d -o -f -> null,/s,/d,[-f],false,false",
                "sshfs -p 22 h: /d -CF file -> sshfs,h:,/d,[port=22, Compression=yes, ssh_config=file],false,false",
                "sshfs h:/a,b /d -fp22 -c2 -t -1 -> sshfs,h:/a,b,/d,[port=22, max_conns=2, dcache_timeout=-1],true,false",
                "null -- -s -d -> null,-s,-d,[],false,false",
                "null - /d -> null,-,/d,[],false,false",
                "nonsense /d -> nonsense,-,/d,[],false,false",
            })
    void parses(String line, String expected) throws Failure {
        MountArgs args = parse(line);
        String source = args.source() == null ? "-" : args.source();
        assertThat(args.type() + "," + source + "," + args.dir() + "," + args.options() + "," + args.foreground() + ","
                        + args.verbose())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            quoteCharacter = '`',
            value = {
                "`` -> mount lacks a TYPE: ",
                "null -> mount lacks the DIR to mount on: puffs mount null DIR",
                "null /s /d /e -> mount has one word too many: /e (see: puffs help mount)",
                "null /s /d -o -> -o lacks its options, as in: -o ro,noexec",
                "null /s /d -x -> unknown option -x of mount (see: puffs help mount)",
                "sshfs h: /d -p -> -p lacks its value",
                "sshfs h: /d -1 -> option -1 cannot be had: there is no version 1",
                "sshfs h: /d -fd -> option -d cannot be had: use -f -o dump",
                "null /s /d --foreground -> unknown option --foreground of mount (see: puffs help mount)",
                "null /s /d -o ro,=5 -> -o =5 lacks the name of an option before =",
            })
    void refuses(String line, String message) {
        assertThatThrownBy(() -> parse(line))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.USAGE))
                .hasMessageStartingWith(message);
    }

    @Test
    void theSameOptionsForHelpAsForMounting() throws Failure {
        String help = new Commands().usage("mount");
        for (String flag : List.of("-f", "-v", "-o")) {
            assertThat(help).contains("  " + flag + " ");
        }
        assertThat(parse("null /s /d -f -v -o ro").foreground()).isTrue();
    }
}
