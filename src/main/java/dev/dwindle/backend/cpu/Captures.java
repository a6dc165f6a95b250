package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the subgraphs of a node read of the graphs around them. */
final class Captures {
  private Captures() {}

  /** The values outside the node's subgraphs that they read, without constants, in order of first use. */
  static Set<Value> of(Node node) {
    Set<Value> found = new LinkedHashSet<>();
    for (Graph body : node.subgraphs()) {
      collect(body, found);
    }
    found.removeIf(v -> v.isConstant() || isInside(v.graph(), node));
    return found;
  }

  private static void collect(Graph body, Set<Value> found) {
    for (Node node : body.nodes()) {
      addAll(node.inputs(), found);
      node.subgraphs().forEach(g -> collect(g, found));
    }
    addAll(body.outputs(), found);
  }

  private static void addAll(List<Value> values, Set<Value> found) {
    values.stream().filter(v -> v != null).forEach(found::add);
  }

  private static boolean isInside(Graph graph, Node node) {
    for (Graph g = graph; g != null && g.owner() != null; g = g.owner().graph()) {
      if (g.owner() == node) {
        return true;
      }
    }
    return false;
  }
}
