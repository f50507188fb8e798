// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.nio.file.ProviderMismatchException;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;

/// Owners and groups are numbers: the names of an image's users are in its own `/etc/passwd`, and this machine's
/// mean nothing there. Their names are the numbers in decimal; `root` is also taken for 0.
final class Principals extends UserPrincipalLookupService {
    static final Principals INSTANCE = new Principals();

    private Principals() {}

    /// An owner.
    record User(int id) implements UserPrincipal {
        @Override
        public String getName() {
            return Integer.toUnsignedString(id);
        }

        @Override
        public String toString() {
            return getName();
        }
    }

    /// A group.
    record Group(int id) implements GroupPrincipal {
        @Override
        public String getName() {
            return Integer.toUnsignedString(id);
        }

        @Override
        public String toString() {
            return getName();
        }
    }

    /// @throws ProviderMismatchException for a user of another provider
    static int uid(UserPrincipal owner) {
        return switch (owner) {
            case User user -> user.id;
            case Group group -> group.id; // a group may own a file, says FileOwnerAttributeView
            default -> throw new ProviderMismatchException(owner + " is not an owner of rump:");
        };
    }

    /// @throws ProviderMismatchException for a group of another provider
    static int gid(GroupPrincipal group) {
        if (group instanceof Group mine) {
            return mine.id;
        }
        throw new ProviderMismatchException(group + " is not a group of rump:");
    }

    @Override
    public UserPrincipal lookupPrincipalByName(String name) throws UserPrincipalNotFoundException {
        return new User(number(name));
    }

    @Override
    public GroupPrincipal lookupPrincipalByGroupName(String group) throws UserPrincipalNotFoundException {
        return new Group(number(group));
    }

    private static int number(String name) throws UserPrincipalNotFoundException {
        if (name.equals("root")) {
            return 0;
        }
        try {
            return Integer.parseUnsignedInt(name);
        } catch (NumberFormatException e) {
            var notFound = new UserPrincipalNotFoundException(name);
            notFound.initCause(e);
            throw notFound;
        }
    }
}
