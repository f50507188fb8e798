package jpuffs.cli;

final class Placeholder {
    private Placeholder() {}
}
