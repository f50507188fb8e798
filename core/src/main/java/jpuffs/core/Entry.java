// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// What a look-up found: a node and its attributes at that moment.
public record Entry(Node node, Attr attr) {}
