// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.util.HashMap;
import java.util.Map;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.servers.sftp.FileAttrs;
import org.jspecify.annotations.Nullable;

/// What is known of the names in a directory: the files that the kernel knows by them, the names that are not
/// there, and the listing. Nothing here yields.
///
/// A listing that is kept stays whole: what is made, looked up and removed is made, looked up and removed in it
/// too. A file that the kernel forgets stays listed.
final class Names {
    private static final int MAX_MISSING = 10_000;

    private final RemoteDirectory directory;
    private final Map<Name, RemoteNode> children = new HashMap<>();
    private final Map<Name, Long> missing = new HashMap<>(); // and when the server was asked
    private @Nullable Listing listing;
    private int listed; // its names when it was counted

    Names(RemoteDirectory directory) {
        this.directory = directory;
    }

    @Nullable
    RemoteNode child(Name name) {
        return children.get(name);
    }

    /// From now on the name is that of `child`.
    void enter(Name name, RemoteNode child) {
        RemoteNode before = children.put(name, child);
        if (before != null) {
            before.removePlace(directory, name);
        }
        child.addPlace(directory, name);
        put(name, child.attrs());
    }

    /// There is something by this name, of which no more is known than this.
    void put(Name name, FileAttrs attrs) {
        missing.remove(name);
        if (listing != null) {
            listing.entries().put(name, attrs);
        }
    }

    /// The attributes of what has this name changed.
    void note(Name name, FileAttrs attrs) {
        if (listing != null) {
            listing.entries().replace(name, attrs);
        }
    }

    /// There is nothing by this name any more.
    void remove(Name name) {
        RemoteNode child = children.remove(name);
        if (child != null) {
            child.removePlace(directory, name);
        }
        if (listing != null) {
            listing.entries().remove(name);
        }
    }

    /// The kernel has forgotten the file.
    void forget(Name name, RemoteNode child) {
        children.remove(name, child);
    }

    /// There was nothing by this name when the server was asked.
    void missing(Name name, long when) {
        remove(name);
        if (missing.size() >= MAX_MISSING) {
            missing.clear();
        }
        missing.put(name, when);
    }

    /// Whether there is surely nothing by this name.
    boolean isMissing(Name name) {
        Long asked = missing.get(name);
        return asked != null && directory.fs.times().isListingFresh(asked);
    }

    /// The listing, unless it must be asked for again.
    @Nullable
    Listing freshListing() {
        Listing all = listing;
        return all != null && directory.fs.times().isListingFresh(all.at()) ? all : null;
    }

    /// What the listing says of a name, be it fresh or not.
    @Nullable
    FileAttrs listed(Name name) {
        return listing == null ? null : listing.get(name);
    }

    /// The server has listed the directory.
    void keep(Listing all) {
        dropListing();
        listing = all;
        missing.clear();
        listed = all.entries().size();
        directory.fs.listed(directory, listed);
        children.forEach((name, child) -> {
            FileAttrs attrs = all.get(name);
            if (attrs != null && isOf(child, attrs) && !child.isFresh()) {
                child.learned(attrs, child.epoch(), all.at());
            }
        });
    }

    private boolean isOf(RemoteNode child, FileAttrs attrs) {
        return Mode.type(RemoteNode.mode(attrs)) == child.type() && !directory.isFollowed(attrs);
    }

    /// What is known of a name was wrong, and who knows what else.
    void doubt(Name name) {
        dropListing();
        missing.remove(name);
        RemoteNode child = children.get(name);
        if (child != null) {
            child.changed();
        }
    }

    void dropListing() {
        if (listing != null) {
            directory.fs.unlisted(directory, listed);
            listing = null;
        }
    }
}
