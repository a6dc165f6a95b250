package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Finds residual blocks, an Add of a value and of what a branch makes of it, and drops branches. */
final class Shortening {
  private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

  /**
   * One branch around which a value goes.
   *
   * @param skip which input of the Add is the value that the branch begins with
   * @param branch the nodes in the other, from the last to the first; they may also read what does not depend on that value, such as a mask
   */
  record Residual(Node add, int skip, List<Node> branch) {
    private String layers() {
      return branch.stream().filter(Shortening::isLayer).map(Node::operator).sorted().collect(Collectors.joining(" "));
    }
  }

  /** What is dropped together: one branch, or those of a transformer's layer, where all layers have the same in turn. */
  record Found(List<Residual> parts) {}

  private Shortening() {}

  /** The blocks of a graph in order; of nested ones the inner. */
  static List<Found> blocks(Graph graph) {
    Types types = ShapeInference.of(graph);
    List<Residual> found = new ArrayList<>();
    for (Node node : graph.nodes()) {
      for (int skip = 0; node.is("Add") && skip < 2; skip++) {
        List<Node> branch = sameType(node.input(skip), node.output(), types) ? branch(node, skip) : List.of();
        if (!branch.isEmpty()) found.add(new Residual(node, skip, branch));
      }
    }
    List<Residual> inner = found.stream()
        .filter(b -> found.stream().noneMatch(other -> b.branch.contains(other.add))).toList();
    int period = period(inner.stream().map(Residual::layers).toList());
    return IntStream.range(0, inner.size() / period)
        .mapToObj(i -> new Found(inner.subList(i * period, (i + 1) * period))).toList();
  }

  /** After how many kinds come again, from the first to the last; 1 where there are none. */
  private static int period(List<String> kinds) {
    for (int period = 1; period < kinds.size(); period++) {
      int length = period;
      boolean repeats = kinds.size() % length == 0
          && IntStream.range(0, kinds.size()).allMatch(i -> kinds.get(i).equals(kinds.get(i % length)));
      if (repeats) return period;
    }
    return 1;
  }

  private static boolean sameType(Value a, Value b, Types types) {
    TensorType type = types.tensorType(a);
    return type.hasRank() && type.dims().equals(types.tensorType(b).dims());
  }

  /** The nodes between the skipped value and the other input of an Add; none where there is no way from one to the other, or no layer on it. */
  private static List<Node> branch(Node add, int skip) {
    Value begin = add.input(skip);
    Set<Value> following = new HashSet<>(Set.of(begin));
    List<Node> behind = new ArrayList<>();
    for (Node node : add.graph().nodes()) {
      if (node == add) break;
      if (node.inputs().stream().noneMatch(following::contains)) continue;
      behind.addFirst(node);
      following.addAll(ForwardPass.outputs(node));
    }
    Set<Value> needed = new HashSet<>(Set.of(add.input(1 - skip)));
    List<Node> branch = new ArrayList<>();
    for (Node node : behind) {
      if (node.outputs().stream().noneMatch(needed::contains)) continue;
      if (!node.subgraphs().isEmpty()) return List.of();
      branch.add(node);
      needed.addAll(node.inputs());
    }
    return branch.stream().anyMatch(Shortening::isLayer) ? branch : List.of();
  }

  private static boolean isLayer(Node node) {
    return node.domain().isEmpty() && LAYERS.contains(node.operator());
  }

  /** Drops so many of the blocks, spread evenly. */
  static void apply(Model model, int count) {
    int all = blocks(model.graph()).size();
    drop(model, IntStream.range(0, count).map(i -> (2 * i + 1) * all / (2 * count)).toArray());
  }

  /** Drops blocks by their places in the list. */
  static void drop(Model model, int... numbers) {
    Graph graph = model.graph();
    List<Found> blocks = blocks(graph);
    for (int number : numbers) blocks.get(number).parts.forEach(part -> drop(graph, part));
    graph.removeDead();
    for (Node node : List.copyOf(graph.nodes())) {
      if (repeats(node, "Relu")) graph.replaceUses(node.output(), node.input(0));
    }
    graph.removeDead();
  }

  /** With the branch goes the normalization behind it, where what is left has been normalized before. */
  private static void drop(Graph graph, Residual part) {
    Value sum = part.add.output();
    List<Use> uses = sum.uses();
    Node next = uses.size() == 1 && !sum.isGraphOutput() ? uses.getFirst().node() : null;
    graph.replaceUses(sum, part.add.input(part.skip));
    if (next != null && repeats(next, "LayerNormalization")) graph.replaceUses(next.output(), next.input(0));
  }

  /** Whether a node does to a value what was just done to it. */
  private static boolean repeats(Node node, String operator) {
    Node before = node.is(operator) ? node.producer(0) : null;
    return before != null && before.is(operator) && !node.output().isGraphOutput();
  }
}
