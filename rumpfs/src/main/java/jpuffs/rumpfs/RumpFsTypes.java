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

    /// All, by name.
    public static List<RumpFsType> all() {
        return ServiceLoader.load(RumpFsType.class, RumpFsType.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(RumpFsType::name))
                .toList();
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

    /// The type of what is on the device, or null if none knows it. Types are asked in order of their names.
    public static @Nullable RumpFsType of(BlockDevice device) throws IOException {
        for (RumpFsType type : all()) {
            if (type.probe(device) != null) {
                return type;
            }
        }
        return null;
    }
}
