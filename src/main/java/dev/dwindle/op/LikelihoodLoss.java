package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * NegativeLogLikelihoodLoss of log-probabilities, and SoftmaxCrossEntropyLoss of scores: classes are the second axis,
 * optionally weighted; samples of class {@code ignore_index} do not count.
 */
final class LikelihoodLoss implements Operator {
  private final boolean ofScores;

  LikelihoodLoss(boolean ofScores) {
    this.ofScores = ofScores;
  }

  @Override
  public String name() {
    return ofScores ? "SoftmaxCrossEntropyLoss" : "NegativeLogLikelihoodLoss";
  }

  @Override
  public int since() {
    return 12;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    List<Dim> dims = reduction(call).equals("none") ? call.dims(1) : List.of();
    return List.of(new TensorType(call.dtype(0), dims), call.tensor(0));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    requireShapes(call, shape, call.shape(1));
    int classes = shape.intDim(1);
    int plane = (int) shape.product(2, shape.rank());
    double[] x = call.doubles(0);
    for (int i = 0; i < x.length && ofScores; i += classes * plane) {
      for (int j = i; j < i + plane; j++) {
        Softmax.logSoftmax(x, j, classes, plane);
      }
    }
    long[] target = call.longs(1);
    double[] weights = call.has(2) ? call.doubles(2) : null;
    double[] loss = new double[target.length];
    double total = 0;
    double weight = 0;
    for (int i = 0; i < loss.length; i++) {
      if (call.hasAttribute("ignore_index") && target[i] == call.integer("ignore_index")) {
        continue;
      }
      int c = targetClass(call, target[i], classes);
      double w = weights == null ? 1 : weights[c];
      loss[i] = -x[(i / plane * classes + c) * plane + i % plane] * w;
      total += loss[i];
      weight += w;
    }
    Tensor result = switch (reduction(call)) {
      case "none" -> Elements.ofDoubles(call.dtype(0), call.shape(1), loss);
      case "sum" -> Elements.ofDoubles(call.dtype(0), Shape.SCALAR, new double[] {total});
      default -> Elements.ofDoubles(call.dtype(0), Shape.SCALAR, new double[] {total / weight});
    };
    return ofScores ? List.of(result, Elements.ofDoubles(call.dtype(0), shape, x)) : List.of(result);
  }

  @Override
  public List<Value> decompose(Expansion call) {
    if (call.version() < 13) {
      return null;
    }
    if (ofScores) {
      Value logarithms = call.op("LogSoftmax", List.of(Attribute.of("axis", 1)), call.input(0));
      List<Attribute> attributes = new ArrayList<>(call.node().attributes());
      Value[] inputs = call.has(2) ? new Value[] {logarithms, call.input(1), call.input(2)}
          : new Value[] {logarithms, call.input(1)};
      return List.of(call.op("NegativeLogLikelihoodLoss", attributes, inputs), logarithms);
    }
    if (call.type(0).dtype() != DType.FLOAT || call.type(1).dtype() == null) {
      return null;
    }
    return List.of(likelihood(call));
  }

  private static Value likelihood(Expansion call) {
    Value target = call.input(1);
    Value weight = null;
    Value ignored = null;
    if (call.hasAttribute("ignore_index")) {
      DType index = call.type(1).dtype();
      ignored = call.op("Equal", target,
          call.constant(Elements.ofLongs(index, Shape.SCALAR, new long[] {call.integer("ignore_index")})));
      target = call.op("Where", ignored, call.constant(Elements.ofLongs(index, Shape.SCALAR, new long[1])), target);
      weight = call.op("Where", ignored, call.constant(0f), call.constant(1f));
    }
    if (call.has(2)) {
      weight = call.op("Gather", call.input(2), target);
      weight = ignored == null ? weight : call.op("Where", ignored, call.constant(0f), weight);
    }
    Value picked = call.op("GatherElements", List.of(Attribute.of("axis", 1)), call.input(0),
        call.op("Unsqueeze", target, call.integers(1)));
    Value loss = call.op("Neg", call.op("Squeeze", picked, call.integers(1)));
    loss = weight == null ? loss : call.op("Mul", loss, weight);
    List<Attribute> scalar = List.of(Attribute.of("keepdims", 0));
    return switch (reduction(call)) {
      case "none" -> loss;
      case "sum" -> call.op("ReduceSum", scalar, loss);
      default -> weight == null ? call.op("ReduceMean", scalar, loss)
          : call.op("Div", call.op("ReduceSum", scalar, loss), call.op("ReduceSum", scalar, weight));
    };
  }

  private static String reduction(Call call) {
    String reduction = call.text("reduction", "mean");
    if (!List.of("none", "sum", "mean").contains(reduction)) {
      throw call.invalid("reduction is '" + reduction + "', expected none, sum or mean");
    }
    return reduction;
  }

  private static int targetClass(Call call, long target, int classes) {
    if (target < 0 || target >= classes) {
      throw call.invalid("a target is " + target + ", expected 0 to " + (classes - 1) + " or ignore_index");
    }
    return (int) target;
  }

  private static void requireShapes(Evaluation call, Shape x, Shape target) {
    boolean fits = x.rank() >= 2 && target.rank() == x.rank() - 1 && x.dim(0) == target.dim(0);
    for (int i = 2; fits && i < x.rank(); i++) {
      fits = x.dim(i) == target.dim(i - 1);
    }
    if (!fits || (call.has(2) && call.shape(2).size() != x.dim(1))) {
      throw call.invalid("input " + x + ", target " + target + (call.has(2) ? ", weights " + call.shape(2) : "")
          + ", expected [N, C, ...], [N, ...] and [C]");
    }
  }
}
