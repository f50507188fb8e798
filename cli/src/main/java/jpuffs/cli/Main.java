package jpuffs.cli;

/// The `puffs` command.
public final class Main {
    private Main() {}

    /// Says what the command can do.
    public static void main(String[] args) {
        System.out.println("usage: puffs mount|umount|list|help");
    }
}
