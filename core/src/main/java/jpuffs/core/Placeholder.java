package jpuffs.core;

final class Placeholder {
    private Placeholder() {}
}
