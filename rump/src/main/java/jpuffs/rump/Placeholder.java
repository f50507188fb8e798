package jpuffs.rump;

final class Placeholder {
    private Placeholder() {}
}
