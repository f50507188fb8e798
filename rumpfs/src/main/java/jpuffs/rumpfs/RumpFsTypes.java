// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import jpuffs.core.BlockDevice;
import org.jspecify.annotations.Nullable;

/// The types that are present: those of this module and any other module's that provides [RumpFsType].
public final class RumpFsTypes {
    private RumpFsTypes() {}

    /// Found once: to look for them takes longer than to ask them.
    private static final class Present {
        static final List<RumpFsType> TYPES =
                ServiceLoader.load(RumpFsType.class, RumpFsType.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .sorted(Comparator.comparing(RumpFsType::name))
                        .toList();
    }

    /// All, by name.
    public static List<RumpFsType> all() {
        return Present.TYPES;
    }

    /// The type of this name or alias, or null.
    public static @Nullable RumpFsType named(String name) {
        for (RumpFsType type : all()) {
            if (type.name().equals(name) || type.aliases().contains(name)) {
                return type;
            }
        }
        return null;
    }

    /// The type of what is on the device, or null if none knows it.
    public static @Nullable RumpFsType of(BlockDevice device) throws IOException {
        FsIdentity identity = identify(device);
        return identity == null ? null : named(identity.type());
    }

    /// What is on the device, or null if no type knows it. Types are asked in order of their names, but those that
    /// are [RumpFsType#isProbedLast()] after the others.
    public static @Nullable FsIdentity identify(BlockDevice device) throws IOException {
        List<RumpFsType> inOrder = all().stream()
                .sorted(Comparator.comparing(RumpFsType::isProbedLast))
                .toList();
        for (RumpFsType type : inOrder) {
            FsIdentity identity = type.probe(device);
            if (identity != null) {
                return identity;
            }
        }
        return null;
    }
}
