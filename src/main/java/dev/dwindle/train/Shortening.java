package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds residual blocks, an Add of a value and of what a branch makes of it, and drops branches. */
final class Shortening {
  private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

  /**
   * A block.
   *
   * @param skip which input of the Add is the value that the branch begins with
   * @param branch the nodes in the other, from the last to the first
   */
  record Found(Node add, int skip, Set<Node> branch) {}

  private Shortening() {}

  /** The blocks of a graph in order; of nested ones the inner. */
  static List<Found> blocks(Graph graph) {
    Types types = ShapeInference.of(graph);
    List<Found> found = new ArrayList<>();
    for (Node node : graph.nodes()) {
      for (int skip = 0; node.is("Add") && skip < 2; skip++) {
        Set<Node> branch = sameType(node.input(skip), node.output(), types) ? branch(node, skip) : null;
        if (branch != null) found.add(new Found(node, skip, branch));
      }
    }
    return found.stream().filter(b -> found.stream().noneMatch(inner -> b.branch.contains(inner.add))).toList();
  }

  private static boolean sameType(Value a, Value b, Types types) {
    TensorType type = types.tensorType(a);
    return type.hasRank() && type.dims().equals(types.tensorType(b).dims());
  }

  /**
   * The nodes between the skipped value and the other input of an Add; null where that depends on anything else, or no layer is
   * among them.
   */
  private static Set<Node> branch(Node add, int skip) {
    Value begin = add.input(skip);
    Set<Node> branch = new LinkedHashSet<>();
    Deque<Value> open = new ArrayDeque<>(List.of(add.input(1 - skip)));
    boolean begins = false;
    while (!open.isEmpty()) {
      Value value = open.pop();
      begins |= value == begin;
      if (value == begin || value.isConstant()) continue;
      Node node = value.producer();
      if (node == null || !node.subgraphs().isEmpty()) return null;
      if (!branch.add(node)) continue;
      node.inputs().stream().filter(v -> v != null).forEach(open::push);
    }
    boolean layers = branch.stream().anyMatch(n -> n.domain().isEmpty() && LAYERS.contains(n.operator()));
    return begins && layers ? branch : null;
  }

  /** Drops so many of the blocks, spread evenly. */
  static void apply(Model model, int count) {
    Graph graph = model.graph();
    List<Found> blocks = blocks(graph);
    for (int i = 0; i < count; i++) {
      Found block = blocks.get((2 * i + 1) * blocks.size() / (2 * count));
      graph.replaceUses(block.add.output(), block.add.input(block.skip));
    }
    graph.removeDead();
    for (Node node : List.copyOf(graph.nodes())) {
      Node before = node.is("Relu") ? node.producer(0) : null;
      if (before != null && before.is("Relu") && !node.output().isGraphOutput()) {
        graph.replaceUses(node.output(), before.output());
      }
    }
    graph.removeDead();
  }
}
