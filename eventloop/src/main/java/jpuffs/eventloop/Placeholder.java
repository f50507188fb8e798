package jpuffs.eventloop;

final class Placeholder {
    private Placeholder() {}
}
