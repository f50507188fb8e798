package jpuffs.puffs;

final class Placeholder {
    private Placeholder() {}
}
