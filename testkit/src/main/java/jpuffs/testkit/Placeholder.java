package jpuffs.testkit;

final class Placeholder {
    private Placeholder() {}
}
