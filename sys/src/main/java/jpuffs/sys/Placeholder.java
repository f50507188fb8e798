package jpuffs.sys;

final class Placeholder {
    private Placeholder() {}
}
