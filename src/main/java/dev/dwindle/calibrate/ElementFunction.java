package dev.dwindle.calibrate;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Elementwise;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/**
 * A function of each element of a value by itself, such as an activation, through which all that read the value see it: the nodes that compute it, from the
 * value to the first one through which everything goes.
 */
public final class ElementFunction {
  /** Slopes that differ by less are those of a straight line. */
  private static final double STRAIGHT = 0.01;

  /** Numbers that activations usually reach, in steps of an eighth. */
  private static final float[] USUAL = usual();

  private final Value from;
  private final List<Node> nodes = new ArrayList<>();

  private ElementFunction(Value from) {
    this.from = from;
  }

  /** The function behind a FLOAT value; null where something else reads it, or where the function is straight as far as it matters. */
  public static ElementFunction behind(Value value) {
    ElementFunction function = new ElementFunction(value);
    boolean found = !value.isGraphOutput() && !value.uses().isEmpty() && function.closes();
    return found && !isStraight(function.of(USUAL)) ? function : null;
  }

  private static float[] usual() {
    float[] numbers = new float[1025];
    for (int i = 0; i < numbers.length; i++) numbers[i] = (i - 512) / 8f;
    return numbers;
  }

  /** Whether the function is anything but straight over the range of a distribution, and finite. */
  public boolean bends(Distribution distribution) {
    return over(distribution) != null;
  }

  private boolean closes() {
    Set<Value> made = new LinkedHashSet<>(Set.of(from));
    List<Node> all = from.graph().nodes();
    for (Node node : all.subList(from.producer() == null ? 0 : all.indexOf(from.producer()) + 1, all.size())) {
      if (node.inputs().stream().anyMatch(made::contains)) {
        if (!fits(node, made)) return false;
        nodes.add(node);
        made.add(node.output());
        if (made.stream().allMatch(v -> v == node.output() || readOnlyWithin(v))) return true;
        if (node.output().isGraphOutput()) return false;
      }
    }
    return false;
  }

  private static boolean fits(Node node, Set<Value> made) {
    return Elementwise.is(node) && node.outputs().size() == 1 && Ops.find(node) != null
        && node.inputs().stream().allMatch(v -> v == null || made.contains(v)
            || v.isConstant() && v.tensor().shape().size() == 1 && v.tensor().shape().rank() <= 1);
  }

  private boolean readOnlyWithin(Value value) {
    return value.uses().stream().allMatch(use -> nodes.contains(use.node()));
  }

  /**
   * The function over the range of a distribution: tabled at the bounds of its bins, straight between them and beyond; null where it is straight
   * everywhere, or not finite somewhere.
   */
  DoubleUnaryOperator over(Distribution distribution) {
    int first = distribution.lowest();
    int count = distribution.highest() - first + 2;
    float[] bounds = new float[count];
    for (int i = 0; i < count; i++) bounds[i] = (float) distribution.bins().start(first + i);
    float[] values = of(bounds);
    double start = bounds[0];
    double width = (bounds[count - 1] - start) / (count - 1);
    if (values == null || isStraight(values)) return null;
    return x -> {
      double place = (x - start) / width;
      int i = (int) Math.clamp(Math.floor(place), 0, count - 2);
      return values[i] + (place - i) * (values[i + 1] - values[i]);
    };
  }

  private static boolean isStraight(float[] values) {
    if (values == null) return false;
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 1; i < values.length; i++) {
      least = Math.min(least, values[i] - values[i - 1]);
      most = Math.max(most, values[i] - values[i - 1]);
    }
    return most - least <= STRAIGHT * Math.max(Math.abs(most), Math.abs(least));
  }

  /** What it makes of numbers, by the plain meaning; null where that is not finite. */
  private float[] of(float[] numbers) {
    Map<Value, Tensor> known = new HashMap<>(Map.of(from, Tensor.of(Shape.of(numbers.length), numbers)));
    Tensor result = null;
    for (Node node : nodes) {
      Operator operator = Ops.find(node);
      List<Tensor> inputs = new ArrayList<>();
      for (Value input : node.inputs()) {
        inputs.add(input == null ? null : input.isConstant() ? input.tensor() : known.get(input));
      }
      result = operator.evaluate(new Evaluation(node, inputs, (body, given) -> List.of())).getFirst();
      known.put(node.output(), result);
    }
    if (result.dtype() != DType.FLOAT) return null;
    float[] values = result.floats();
    for (float value : values) {
      if (!Float.isFinite(value)) return null;
    }
    return values;
  }
}
