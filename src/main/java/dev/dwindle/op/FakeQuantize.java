package dev.dwindle.op;

import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * {@code dev.dwindle.FakeQuantize}: what QuantizeLinear and DequantizeLinear leave of X, without the integers between:
 * {@code (clamp(round(x / scale) + zero_point, low, high) - zero_point) * scale}, rounded half to even, of one scale or of a vector of scales along
 * {@code axis} (1 unless given). The zero point holds whole numbers in the type of X, shaped as the scale; {@code low} and {@code high} are the ends of
 * the integer type. NaN stays NaN.
 */
final class FakeQuantize implements Operator {
  static final String NAME = "FakeQuantize";

  /** The ends of an integer type of at most 16 bits. */
  record Ends(long low, long high) {
    static Ends of(Call call) {
      Ends ends = new Ends(call.integer("low"), call.integer("high"));
      if (ends.low < Short.MIN_VALUE || ends.low >= ends.high || ends.high > Character.MAX_VALUE) {
        throw call.invalid("low is " + ends.low + " and high " + ends.high
            + ", expected -32768 to 65535, low below high");
      }
      return ends;
    }
  }

  @Override
  public String domain() {
    return OWN_DOMAIN;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    require(call);
    return call.same(0);
  }

  /** Checks attributes and what is known of the types of input, scale and zero point. */
  static void require(Inference call) {
    Ends.of(call);
    call.requireRank(1, 0, 1);
    requireTypes(call, call.dtype(0), call.dtype(1), call.dtype(2));
  }

  private static void requireTypes(Call call, DType x, DType scale, DType zero) {
    boolean mixed = x != null && (!x.isFloating() || (scale != null && scale != x) || (zero != null && zero != x));
    if (mixed) {
      throw call.invalid("input, scale and zero point are of types " + text(x) + ", " + text(scale) + " and "
          + text(zero) + ", expected one floating-point type");
    }
  }

  private static String text(DType type) {
    return type == null ? "?" : type.text();
  }

  /** Which scale belongs to which element, after all three inputs were found to fit each other. */
  static Scales scales(Evaluation call) {
    requireTypes(call, call.dtype(0), call.dtype(1), call.dtype(2));
    if (!call.shape(2).equals(call.shape(1))) {
      throw call.invalid("zero point is of shape " + call.shape(2) + ", expected that of the scale, " + call.shape(1));
    }
    return Scales.of(call, call.shape(0), call.shape(1));
  }

  /** {@code x / scale}, rounded to the type of X. */
  static double[] quotients(Evaluation call, Scales scales) {
    double[] x = call.doubles(0);
    double[] scale = call.doubles(1);
    for (int row = 0, at = 0; row < scales.rows(); row++) {
      for (int i = 0; i < scales.length(); i++) x[at++] /= scale[scales.first(row)];
    }
    return Elements.doubles(Elements.ofDoubles(call.dtype(0), call.shape(0), x));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Ends ends = Ends.of(call);
    Scales scales = scales(call);
    double[] y = quotients(call, scales);
    double[] scale = call.doubles(1);
    double[] zero = call.doubles(2);
    for (int row = 0, at = 0; row < scales.rows(); row++) {
      int s = scales.first(row);
      for (int i = 0; i < scales.length(); i++, at++) {
        double q = Math.min(Math.max(Math.rint(y[at]) + zero[s], ends.low), ends.high);
        y[at] = (q - zero[s]) * scale[s];
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), call.shape(0), y));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    Value scale = spread(call, 1);
    Value zero = spread(call, 2);
    DType type = call.type(0).dtype();
    if (scale == null || zero == null || type == null || call.node().graph().opset("") < 12) return null;
    Ends ends = Ends.of(call);
    Value q = call.op("Add", call.op("Round", call.op("Div", call.input(0), scale)), zero);
    Value clamped = call.op("Clip", q, call.scalar(type, ends.low), call.scalar(type, ends.high));
    return List.of(call.op("Mul", call.op("Sub", clamped, zero), scale));
  }

  /** A scale or zero point in a shape that is broadcast to the input's; null where that is not known. */
  static Value spread(Building call, int input) {
    TensorType type = call.type(input);
    if (!type.hasRank()) return null;
    if (type.rank() == 0) return call.input(input);
    if (isOne(type)) return call.reshaped(call.input(input));
    if (!call.type(0).hasRank()) return null;
    long[] shape = new long[call.type(0).rank()];
    Arrays.fill(shape, 1);
    shape[axis(call, shape.length)] = -1;
    return call.reshaped(call.input(input), shape);
  }

  /** Whether there is one scale for all elements. */
  static boolean isOne(TensorType scale) {
    return scale.isStatic() && scale.shape().size() == 1;
  }

  /** The axis along which the scales lie; a vector has only one, whatever the attribute says. */
  static int axis(Call call, int rank) {
    return rank == 1 ? 0 : call.axis(call.integer("axis", 1), rank);
  }

  /** Elements that share a scale. */
  static long sharing(Shape x, Shape scale) {
    return Math.max(1, x.size() / Math.max(1, scale.size()));
  }
}
