// SPDX-License-Identifier: BSD-2-Clause
import module jpuffs.sys;

/// The client of the device "toggle": chooses which text it gives. Run with:
/// ./puffs dev toggle toggle0; ./puffs run Toggle.java /dev/toggle0 1; cat /dev/toggle0
void main(String[] args) throws Exception {
    int TOGGLE = 0x4004_5401; // _IOW('T', 1, int)
    try (Fd device = Fd.open(args[0], Fcntl.O_RDWR, 0);
            Arena arena = Arena.ofConfined()) {
        device.ioctl(TOGGLE, arena.allocateFrom(ValueLayout.JAVA_INT, Integer.parseInt(args[1])));
    }
}
