package jpuffs.servers;

final class Placeholder {
    private Placeholder() {}
}
