package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Evaluates nodes that depend on constants, or on shapes that are known, and keeps the results as constants. Not
 * evaluated are DequantizeLinear (the weights would grow back) and what would make the model larger.
 */
public final class ConstantFolding {
  /** A result up to this size is kept even where it is larger than what it is computed from. */
  private static final long SMALL_BYTES = 1 << 14;

  private ConstantFolding() {}

  /** Folds a graph and its subgraphs, given its types; returns how many nodes became constants. */
  public static int fold(Graph graph, Types types) {
    return fold(graph, types, node -> false);
  }

  /** The same, but for nodes that are to stay as they are. */
  public static int fold(Graph graph, Types types, Predicate<Node> kept) {
    if (graph.opset("") == 0) {
      return 0; // without ONNX's own operators no Identity could give a constant the name of an output
    }
    int folded = 0;
    for (Node node : List.copyOf(graph.nodes())) {
      for (Graph sub : node.subgraphs()) {
        folded += fold(sub, types, kept);
      }
      List<Tensor> results = namesAnOutput(node) || kept.test(node) ? null : results(node, types);
      if (results != null) {
        replace(node, results);
        folded++;
      }
    }
    return folded;
  }

  /** A constant cannot be an output itself: these nodes are what gives it the output's name. */
  private static boolean namesAnOutput(Node node) {
    return (node.is("Constant") || node.is("Identity")) && !node.outputs().isEmpty() && node.output() != null
        && node.output().isGraphOutput();
  }

  private static List<Tensor> results(Node node, Types types) {
    Operator operator = Ops.find(node);
    if (operator == null || operator.isRandom() || node.is("DequantizeLinear") || node.outputs().isEmpty()
        || !node.subgraphs().isEmpty()) {
      return null;
    }
    List<Tensor> known = new ArrayList<>();
    node.outputs().forEach(v -> known.add(v == null ? null : types.tensor(v)));
    boolean complete = true;
    for (int i = 0; i < known.size(); i++) {
      complete &= known.get(i) != null || node.output(i) == null;
    }
    if (complete) {
      return known;
    }
    if (node.is("Constant") && node.attribute("value") instanceof Attribute a
        && a.value() instanceof Attribute.TensorValue v) {
      return List.of(v.constant().tensor());
    }
    return evaluate(node, operator, types);
  }

  private static List<Tensor> evaluate(Node node, Operator operator, Types types) {
    List<Tensor> inputs = new ArrayList<>();
    long read = 0;
    for (Value input : node.inputs()) {
      Tensor tensor = input == null ? null : types.tensor(input);
      if (input != null && tensor == null) {
        return null;
      }
      inputs.add(tensor);
      read += tensor == null ? 0 : bytes(tensor);
    }
    long limit = node.is("Constant") ? Long.MAX_VALUE : Math.max(SMALL_BYTES, read);
    for (Value output : node.outputs()) {
      Shape shape = output == null ? Shape.SCALAR : types.shape(output);
      if (shape == null && read > SMALL_BYTES || shape != null && shape.size() > limit) {
        return null;
      }
    }
    List<Tensor> results;
    try {
      results = operator.evaluate(new Evaluation(node, inputs, (body, given) -> List.of()));
    } catch (RuntimeException e) {
      return null; // a branch that is never taken may compute nonsense; what runs will fail when it runs
    }
    boolean complete = results.size() >= node.outputs().size();
    return !complete || results.stream().mapToLong(t -> t == null ? 0 : bytes(t)).sum() > limit ? null : results;
  }

  private static long bytes(Tensor tensor) {
    return tensor.dtype().bytes(tensor.size());
  }

  private static void replace(Node node, List<Tensor> results) {
    List<Value> constants = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.output(i);
      constants.add(output == null || output.isUnused() ? null
          : node.graph().addConstant(output.name(), results.get(i)));
    }
    Rewiring.replace(node, constants);
  }
}
