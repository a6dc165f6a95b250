package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.Evaluation;

/** {@code x * (1 / sqrt(mean(x * x) + epsilon)) * scale} over the last axis: RMSNormalization. */
final class RmsNormFusion implements Fusion {
  @Override
  public boolean apply(Node node) {
    if (!node.is("Mul")) {
      return false;
    }
    for (int side = 0; side < 2; side++) {
      Value scale = node.input(1 - side);
      Node normalized = node.producer(side);
      if (scale != null && scale.isConstant() && Fused.isFloat(scale) && normalized != null && normalized.is("Mul")
          && apply(node, normalized, scale)) {
        return true;
      }
    }
    return false;
  }

  private static boolean apply(Node last, Node normalized, Value scale) {
    for (int side = 0; side < 2; side++) {
      Value x = normalized.input(side);
      float epsilon = epsilon(normalized.input(1 - side), x);
      boolean row = Fused.isFloat(x) && Fused.shape(x).rank() > 0 && scale.tensor().shape().rank() <= 1
          && scale.tensor().size() == Fused.shape(x).dim(-1);
      if (row && !Float.isNaN(epsilon) && Fused.shape(x).equals(Fused.shape(last.output()))) {
        Node fused = Fused.replace(last, null, "RMSNormalization", Fused.name(last), x, scale);
        fused.setAttribute(Attribute.of("epsilon", epsilon));
        return true;
      }
    }
    return false;
  }

  /** The epsilon where the value is 1 / sqrt(mean(x * x) + epsilon), else NaN. */
  private static float epsilon(Value value, Value x) {
    Node inverse = value.producer();
    boolean divides = inverse != null && ((inverse.is("Div") && Fused.scalar(inverse.input(0)) == 1)
        || inverse.is("Reciprocal"));
    Node root = divides ? inverse.inputs().getLast().producer() : null;
    Node add = root != null && root.is("Sqrt") ? root.producer(0) : null;
    Node mean = add != null && add.is("Add") ? add.producer(0) : null;
    return mean != null && isMeanOfLastAxis(mean) && isSquare(mean.producer(0), x)
        ? Fused.scalar(add.input(1)) : Float.NaN;
  }

  static boolean isMeanOfLastAxis(Node mean) {
    if (!mean.is("ReduceMean") || Fused.type(mean.input(0)) == null) {
      return false;
    }
    Call call = new Call(mean);
    long[] axes = call.integers("axes", (long[]) null);
    if (axes == null && mean.input(1) != null && mean.input(1).isConstant()) {
      axes = mean.input(1).tensor().longs();
    }
    int rank = Fused.shape(mean.input(0)).rank();
    return axes != null && axes.length == 1 && call.flag("keepdims", true)
        && (axes[0] == -1 || axes[0] == rank - 1);
  }

  private static boolean isSquare(Node node, Value x) {
    return node != null && ((node.is("Mul") && node.input(0) == x && node.input(1) == x)
        || (node.is("Pow") && node.input(0) == x && Fused.scalar(node.input(1)) == 2));
  }
}
