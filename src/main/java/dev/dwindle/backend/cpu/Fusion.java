package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;

/** A rule that replaces nodes by one fused node, on the CPU backend's own copy of a graph; listed in {@link Fusions}. */
interface Fusion {
  /** Applies the rule where {@code node} is the last of its pattern; false where it is not. */
  boolean apply(Node node);
}
