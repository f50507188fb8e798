package jpuffs.testkit;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The walls inside the house that the module system cannot hold. A rule that stands in the way for a good reason
/// gets an exception here, by name, and the reason.
class WallsTest {
    /// Every published module: what has been built beside testkit, but for the programs (cli, mina, lab, bench,
    /// examples).
    private static final JavaClasses PUBLISHED = new ClassFileImporter().importPaths(publishedModules());

    private static List<Path> publishedModules() {
        var programs = List.of("cli", "mina", "lab", "bench", "examples", "testkit");
        try (var folders = Files.list(Path.of("..").toAbsolutePath().normalize())) {
            return folders.filter(
                            folder -> !programs.contains(folder.getFileName().toString()))
                    .map(folder -> folder.resolve("target/classes"))
                    .filter(classes -> Files.isDirectory(classes.resolve("jpuffs")))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void allModulesAreSeen() {
        assertThat(PUBLISHED.stream().map(JavaClass::getPackageName))
                .contains("jpuffs.core", "jpuffs.sys", "jpuffs.eventloop", "jpuffs.puffs", "jpuffs.rump");
    }

    @Test
    void onlySysMakesNativeCalls() {
        noClasses()
                .that()
                .resideOutsideOfPackage("jpuffs.sys..")
                .should()
                .dependOnClassesThat(type(Linker.class).or(type(SymbolLookup.class)))
                .check(PUBLISHED);
    }

    @Test
    void rumpSeesOnlyCore() {
        noClasses()
                .that()
                .resideInAnyPackage("jpuffs.rump..", "jpuffs.rumpfs..")
                .should()
                .dependOnClassesThat(resideInAPackage("jpuffs..")
                        .and(DescribedPredicate.not(
                                resideInAnyPackage("jpuffs.core..", "jpuffs.rump..", "jpuffs.rumpfs.."))))
                .check(PUBLISHED);
    }

    /// A library does not talk to the terminal: it logs, or it throws.
    @Test
    void nobodyPrints() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .dependOnClassesThat(type(IO.class))
                .check(PUBLISHED);
    }

    /// Whoever waits, waits for something: a timer of the loop, a condition, an fd.
    @Test
    void nobodySleeps() {
        noClasses()
                .should()
                .callMethodWhere(target(owner(type(Thread.class))).and(target(name("sleep"))))
                .check(PUBLISHED);
    }

    /// An interrupt closes a FileChannel for everyone, and a FUSE interrupt is an interrupt. Excepted: ChannelFile,
    /// which opens it again, as NioHandle does, FileDisk, which makes files, Ukfs, whose channels live within one
    /// method, and the provider, whose channels they are.
    @Test
    void nobodyUsesFileChannels() {
        noClasses()
                .that()
                .haveNameNotMatching(
                        "jpuffs\\.rump\\.disk\\.(FileDisk|ChannelFile)(\\$.*)?|jpuffs\\.rumpfs\\.Ukfs(\\$.*)?"
                                + "|jpuffs\\.nio\\..*|jpuffs\\.servers\\.niofs\\.NioHandle(\\$.*)?")
                .should()
                .dependOnClassesThat(JavaClass.Predicates.assignableTo(FileChannel.class))
                .check(PUBLISHED);
    }
}
