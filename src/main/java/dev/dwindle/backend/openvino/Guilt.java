package dev.dwindle.backend.openvino;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import java.util.List;
import java.util.function.Predicate;

/** The search for the node because of which a whole graph is refused, by halves of its nodes in order. */
final class Guilt {
  private Guilt() {}

  /**
   * The last node of the shortest beginning of a graph that is refused.
   *
   * @param refused whether a graph is; this one must be
   */
  static Node find(Graph graph, Predicate<Graph> refused) {
    int taken = 0;
    int tooMany = graph.nodes().size();
    while (tooMany - taken > 1) {
      int half = (taken + tooMany) >>> 1;
      if (refused.test(beginning(graph, half))) tooMany = half;
      else
        taken = half;
    }
    return graph.nodes().get(tooMany - 1);
  }

  /** A copy of the first nodes alone; what none of them reads is an output. */
  private static Graph beginning(Graph graph, int count) {
    Graph copy = graph.model().copy().graph();
    copy.retainOutputs(List.of());
    List<Node> nodes = List.copyOf(copy.nodes());
    for (int i = nodes.size() - 1; i >= count; i--) copy.remove(nodes.get(i));
    for (Node node : copy.nodes()) {
      for (Value output : node.outputs()) {
        if (output != null && output.uses().isEmpty()) copy.addOutput(output);
      }
    }
    copy.removeDead();
    return copy;
  }
}
