package dev.dwindle.rewrite;

import dev.dwindle.graph.Node;

/**
 * One way in which a graph becomes simpler without a change of meaning.
 *
 * @param name what the rule does, as a report says it
 */
record Rule(String name, Rewrite rewrite) {
  /** Looks at one node and rewrites it, or leaves it. */
  interface Rewrite {
    /** Whether the node was rewritten; values that are new are not in the types. */
    boolean apply(Node node, Types types);
  }
}
