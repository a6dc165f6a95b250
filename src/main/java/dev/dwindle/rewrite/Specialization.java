package dev.dwindle.rewrite;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A copy of a model for given input shapes: simplified, everything that then is a constant is one also where that takes
 * more memory, and every value carries its type.
 */
public final class Specialization {
  /** A folded result may have this many elements more than what it was made from: larger ones are made while running. */
  private static final long MAX_GROWTH = 1 << 22;

  private Specialization() {}

  /** A copy of a main graph for these shapes of its inputs. */
  public static Graph of(Graph graph, Map<String, Shape> shapes) {
    return of(graph, shapes, node -> false);
  }

  /**
   * The same without folding some nodes.
   *
   * @param kept those that stay although they depend on constants alone, such as what decodes weights for a device that reads the code
   */
  public static Graph of(Graph graph, Map<String, Shape> shapes, Predicate<Node> kept) {
    Graph copy = graph.model().copy().graph();
    // Checks the shapes against what the model declares, with its named dimensions.
    Types types = ShapeInference.of(copy, shapes);
    for (Value input : copy.requiredInputs()) {
      TensorType type = types.tensorType(input);
      input.setType(shapes.containsKey(input.name()) ? TensorType.of(type.dtype(), shapes.get(input.name())) : type);
    }
    types = Simplification.simplify(copy, types);
    while (fold(copy, types, kept)) {
      types = Simplification.simplify(copy, ShapeInference.of(copy));
    }
    types.store();
    return copy;
  }

  /** Computes what depends on constants alone, such as decoded weights, so that the plans for all shapes share it. */
  public static void foldConstants(Graph graph) {
    foldConstants(graph, node -> false);
  }

  /** The same but for nodes that are {@code kept}. */
  public static void foldConstants(Graph graph, Predicate<Node> kept) {
    while (fold(graph, ShapeInference.of(graph), kept)) {
      Simplification.simplify(graph);
    }
  }

  private static boolean fold(Graph graph, Types types, Predicate<Node> kept) {
    boolean changed = false;
    for (Node node : List.copyOf(graph.nodes())) {
      for (Graph body : node.subgraphs()) {
        changed |= fold(body, types, kept);
      }
      if (isFoldable(node, types) && !kept.test(node)) {
        fold(node);
        changed = true;
      }
    }
    return changed;
  }

  private static boolean isFoldable(Node node, Types types) {
    Operator operator = Ops.find(node);
    boolean constant = node.inputs().stream().allMatch(v -> v == null || v.isConstant());
    boolean named = node.outputs().stream().anyMatch(v -> v != null && v.isGraphOutput());
    return constant && operator != null && !operator.isRandom() && node.subgraphs().isEmpty()
        && !node.outputs().isEmpty() && !named && growth(node, types) <= MAX_GROWTH;
  }

  /** Elements that a constant would have more than what it is made from. */
  private static long growth(Node node, Types types) {
    long before = node.inputs().stream().filter(v -> v != null).mapToLong(v -> v.tensor().size()).sum();
    long after = 0;
    for (Value output : node.outputs()) {
      Shape shape = output == null ? Shape.SCALAR : types.shape(output);
      after += shape == null ? 0 : shape.size();
    }
    return after - before;
  }

  private static void fold(Node node) {
    List<Tensor> inputs = node.inputs().stream().map(v -> v == null ? null : v.tensor()).toList();
    List<Tensor> results = Ops.find(node).evaluate(new Evaluation(node, inputs, null));
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.output(i);
      if (output != null && !output.isUnused()) {
        if (i >= results.size()) {
          throw new InvalidInputException(
              node.label() + ": found " + node.outputs().size() + " outputs, expected at most " + results.size());
        }
        node.graph().replaceUses(output, node.graph().addConstant(output.name(), results.get(i)));
      }
    }
    node.graph().remove(node);
  }
}
