// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import java.io.IOException;

/// What cannot be done, in one line for the user.
final class Refused extends IOException {
    Refused(String message) {
        super(message);
    }
}
