// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import jpuffs.core.Name;

/// Where a file was last found: how a node without a descriptor finds it again. Keeps its directory from dying.
record Place(NullNode dir, Name name) {}
