// SPDX-License-Identifier: BSD-2-Clause
/// Copies a file out of a disk image. Run with: ./puffs run CopyOut.java IMAGE[@pN] FILE TARGET
void main(String[] args) throws Exception {
    var image = URI.create("rump://" + Path.of(args[0]).toUri().getRawPath());
    try (var disk = FileSystems.newFileSystem(image, Map.of("ro", true))) {
        Files.copy(disk.getPath(args[1]), Path.of(args[2]));
    }
}
