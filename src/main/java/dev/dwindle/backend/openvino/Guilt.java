package dev.dwindle.backend.openvino;

import dev.dwindle.backend.Extraction;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The node because of which a whole graph is refused.
 *
 * @param alone whether it is refused by itself too; if not, it is refused for what stands around it
 */
record Guilt(Node node, boolean alone) {
  /**
   * Searches by halves of the nodes in order: guilty is the last node of the shortest beginning that is refused.
   *
   * @param shapes of inputs, as far as they are known
   * @param refused whether a graph is
   * @return null where this graph, asked again, is not refused
   */
  static Guilt find(Graph graph, Map<String, Shape> shapes, Predicate<Graph> refused) {
    int taken = 0;
    int tooMany = graph.nodes().size();
    while (tooMany - taken > 1) {
      int half = (taken + tooMany) >>> 1;
      if (refused.test(beginning(graph, half))) tooMany = half;
      else
        taken = half;
    }
    Node last = graph.nodes().get(tooMany - 1);
    Graph single = alone(graph, last, shapes);
    boolean alone = single != null && refused.test(single);
    boolean again = alone || tooMany < graph.nodes().size() || refused.test(graph);
    return again ? new Guilt(last, alone) : null;
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

  /** A graph of this node alone, its inputs of the types and shapes that they have in the whole; null where a type is not known. */
  private static Graph alone(Graph graph, Node node, Map<String, Shape> shapes) {
    Graph typed = graph.model().copy().graph();
    Types types = ShapeInference.of(typed, shapes);
    types.store();
    Node twin = typed.nodes().get(graph.nodes().indexOf(node));
    Graph single = Extraction.of(typed.model(), List.of(twin),
        twin.outputs().stream().filter(Objects::nonNull).map(Value::name).toList(),
        name -> types.tensor(typed.value(name)));
    boolean known = single.requiredInputs().stream()
        .allMatch(input -> input.tensorType() != null && input.tensorType().dtype() != null);
    return known ? single : null;
  }
}
