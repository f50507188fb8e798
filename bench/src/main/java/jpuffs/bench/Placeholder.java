package jpuffs.bench;

final class Placeholder {
    private Placeholder() {}
}
