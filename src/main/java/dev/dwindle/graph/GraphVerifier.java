package dev.dwindle.graph;

import dev.dwindle.tensor.InvalidInputException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks that a graph hangs together: order, names, edges on both sides, constants of the declared type. */
public final class GraphVerifier {
  private final Set<Value> made = new HashSet<>();
  /** The uses as each value tells them; sets, for some values are read by thousands of nodes. */
  private final Map<Value, Set<Use>> told = new HashMap<>();

  private GraphVerifier() {}

  /**
   * Checks a graph and its subgraphs.
   *
   * @throws InvalidInputException at the first flaw, naming node and value
   */
  public static void verify(Graph graph) {
    new GraphVerifier().check(graph);
  }

  private void check(Graph graph) {
    made.addAll(graph.inputs());
    for (Value value : graph.values()) {
      if (value.isConstant()) {
        made.add(value);
      }
      if (value.isConstant() && value.producer() != null) {
        throw flaw(graph, "value '" + value.name() + "' is a constant and made by " + value.producer());
      }
    }
    for (Node node : graph.nodes()) {
      check(graph, node);
    }
    for (Value output : graph.outputs()) {
      if (!made.contains(output)) {
        throw flaw(graph, "output '" + output.name() + "' is made by no node");
      }
    }
  }

  private void check(Graph graph, Node node) {
    for (int i = 0; i < node.inputs().size(); i++) {
      Value input = node.input(i);
      if (input == null) {
        continue;
      }
      if (!made.contains(input)) {
        throw flaw(graph, node.label() + " reads '" + input.name() + "', which is made by no node before it");
      }
      if (!told.computeIfAbsent(input, v -> new HashSet<>(v.uses())).contains(new Use(node, i))) {
        throw flaw(graph, node.label() + " reads '" + input.name() + "', which does not know of this use");
      }
    }
    node.subgraphs().forEach(this::check);
    List<Value> outputs = node.outputs();
    for (Value output : outputs) {
      if (output != null && (output.producer() != node || output.graph() != graph || !made.add(output))) {
        throw flaw(graph,
            "value '" + output.name() + "' is made twice, by " + output.producer() + " and " + node.label());
      }
    }
  }

  private static InvalidInputException flaw(Graph graph, String what) {
    return new InvalidInputException("graph '" + graph.name() + "': " + what);
  }
}
