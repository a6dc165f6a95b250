package dev.dwindle.train;

import dev.dwindle.backend.Extraction;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A part of a graph that is reconstructed on its own: all that lies between two values.
 *
 * @param entry the only value that it reads beside constants
 * @param exit what it makes
 * @param layers the outputs of its layers
 */
public record Region(String entry, String exit, Set<String> layers) {
  public Region {
    layers = Set.copyOf(layers);
  }

  /** Whether a graph, such as the same one quantized, computes the exit from the entry alone. */
  public boolean isIn(Graph graph) {
    return nodes(graph) != null;
  }

  /**
   * The region of a graph in which {@link #isIn} holds, as a graph of its own whose input has this shape; types of what it computes are left open.
   */
  Graph of(Graph graph, Shape input) {
    Graph own = Extraction.of(graph.model(), nodes(graph), List.of(exit), name -> null);
    own.nodes().forEach(node -> node.outputs().stream().filter(v -> v != null).forEach(v -> v.setType(null)));
    own.value(entry).setType(TensorType.of(DType.FLOAT, input));
    return own;
  }

  /** The nodes between entry and exit; null where there is no such exit, or it depends on another input. */
  private Set<Node> nodes(Graph graph) {
    Value begin = graph.value(entry);
    Value end = graph.value(exit);
    if (begin == null || end == null) return null;
    Set<Node> nodes = new LinkedHashSet<>();
    Deque<Value> open = new ArrayDeque<>(List.of(end));
    while (!open.isEmpty()) {
      Value value = open.pop();
      if (value == begin || value.isConstant()) continue;
      Node node = value.producer();
      if (node == null || !node.subgraphs().isEmpty()) return null;
      if (nodes.add(node)) node.inputs().stream().filter(v -> v != null).forEach(open::push);
    }
    return nodes.isEmpty() ? null : nodes;
  }
}
