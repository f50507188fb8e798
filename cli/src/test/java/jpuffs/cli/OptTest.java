// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(10)
class OptTest {
    /// The list, then the options as `name|value` or `name` with blanks between them.
    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            quoteCharacter = '`',
            value = {
                "ro -> ro",
                "ro,nosuid -> ro nosuid",
                "ro,,nosuid -> ro nosuid",
                ",ro, -> ro",
                "ro,rw,ro -> ro rw ro",
                "size=64M -> size|64M",
                "size=64M,ro,uid=0 -> size|64M ro uid|0",
                "empty=,ro -> empty| ro",
                "a=b=c -> a|b=c",
                "a==b -> a|=b",
                "x-systemd.automount,x-gvfs-name=a -> x-systemd.automount x-gvfs-name|a",
                "fsname=a\\,b -> fsname|a,b",
                "fsname=a\\\\b -> fsname|a\\b",
                "fsname=a\\\\,ro -> fsname|a\\ ro",
                "fsname=\\a -> fsname|a",
                "fsname=a\\=b -> fsname|a=b",
                "a\\=b -> a=b",
                "fsname=\"a,b\",ro -> fsname|a,b ro",
                "fsname=a\"b,c\"d -> fsname|ab,cd",
                "\"fsname=a,b\" -> fsname|a,b",
                "fsname=\"\" -> fsname|",
                "fsname=\\\"a\\\" -> fsname|\"a\"",
                "fsname=\"a\\\"b\" -> fsname|a\"b",
                "comment=ä,ö -> comment|ä ö",
            })
    void parses(String list, String expected) throws Failure {
        var shown = new ArrayList<String>();
        for (Opt option : Opt.parse(list)) {
            shown.add(option.value() == null ? option.name() : option.name() + "|" + option.value());
        }
        assertThat(String.join(" ", shown)).isEqualTo(expected);
    }

    @Test
    void nothingIsNoOption() throws Failure {
        assertThat(Opt.parse("")).isEmpty();
        assertThat(Opt.parse(",,")).isEmpty();
        assertThat(Opt.parse("\"\"")).isEmpty();
    }

    @Test
    void blanksArePartOfAValue() throws Failure {
        assertThat(Opt.parse("fsname=my disk")).isEqualTo(List.of(new Opt("fsname", "my disk")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            quoteCharacter = '`',
            value = {
                "ro,fsname=a\\ -> -o ro,fsname=a\\ ends in a backslash: \\\\ stands for one",
                "fsname=\"a,ro -> -o fsname=\"a,ro lacks a closing double quote",
                "ro,=5 -> -o =5 lacks the name of an option before =",
            })
    void refuses(String list, String message) {
        assertThatThrownBy(() -> Opt.parse(list)).isInstanceOf(Failure.class).hasMessage(message);
    }
}
