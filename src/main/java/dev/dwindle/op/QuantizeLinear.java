package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * QuantizeLinear: {@code saturate(round(x / scale) + zero point)}, rounded to nearest even before the zero point is
 * added. The quotient is formed in the type of the scale or of attribute {@code precision}, and in that of the input
 * where the scale is FLOAT8E8M0 or INT32. (Where scale and input differ ONNX's reference takes the wider type; the
 * specification says that of the scale.) NaN becomes the zero point. To FP8 and FP4 the quotient is rounded as Cast does,
 * with the zero point added to FP4 only, as in the reference.
 */
final class QuantizeLinear implements Operator {
  @Override
  public String name() {
    return "QuantizeLinear";
  }

  @Override
  public int since() {
    return 10;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0, target(call, call.has(2) ? call.dtype(2) : DType.UINT8));
  }

  private static DType target(Call call, DType zeroPoint) {
    long code = call.integer("output_dtype", 0);
    DType wanted = code == 0 ? null : CastOps.type(call, "output_dtype", code);
    if (wanted != null && call.has(2) && zeroPoint != null && wanted != zeroPoint) {
      throw call.invalid("output_dtype is " + wanted.text() + ", expected that of the zero point, " + zeroPoint.text());
    }
    return wanted == null ? zeroPoint : wanted;
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType to = target(call, call.has(2) ? call.dtype(2) : DType.UINT8);
    Scales scales = Scales.of(call, call.shape(0), call.shape(1));
    double[] quotient = quotient(call, scales, precision(call));
    if (to.isInteger()) {
      return List.of(Elements.ofLongs(to, call.shape(0), rounded(call, scales, quotient, to)));
    }
    if (to.bits() > 8 || to == DType.FLOAT8E8M0 || !to.isFloating()) {
      throw call.invalid("output type is " + to.text() + ", expected an integer, FP8 or FP4 type");
    }
    if (to == DType.FLOAT4E2M1 && call.has(2)) {
      add(quotient, scales, Scales.zeroPoints(call));
    }
    return List.of(Elements.ofDoubles(to, call.shape(0), quotient, call.flag("saturate", true)));
  }

  private static DType precision(Evaluation call) {
    long code = call.integer("precision", 0);
    DType type = code == 0 ? call.dtype(1) : CastOps.type(call, "precision", code);
    if (type.isFloating() && type.bits() >= 16) {
      return type;
    }
    return call.dtype(0).isFloating() ? call.dtype(0) : DType.DOUBLE;
  }

  /** {@code x / scale}, both and the result rounded to the precision. */
  private static double[] quotient(Evaluation call, Scales scales, DType precision) {
    double[] x = rounded(call.doubles(0), call.dtype(0), precision);
    double[] scale = rounded(call.doubles(1), call.dtype(1), precision);
    for (int row = 0, at = 0; row < scales.rows(); row++) {
      int s = scales.first(row);
      for (int i = 0; i < scales.length(); i++, at++, s += scales.step()) {
        x[at] /= scale[s];
      }
    }
    return rounded(x, DType.DOUBLE, precision);
  }

  private static double[] rounded(double[] x, DType from, DType precision) {
    if (precision == DType.DOUBLE || precision == from) {
      return x;
    }
    if (precision == DType.FLOAT) {
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) x[i];
      }
      return x;
    }
    return Elements.doubles(Elements.ofDoubles(precision, Shape.of(x.length), x));
  }

  private static long[] rounded(Evaluation call, Scales scales, double[] quotient, DType to) {
    float[] zero = Scales.zeroPoints(call);
    double low = to.min();
    double high = to.max();
    long[] y = new long[quotient.length];
    for (int row = 0, at = 0; row < scales.rows(); row++) {
      int s = scales.first(row);
      for (int i = 0; i < scales.length(); i++, at++, s += scales.step()) {
        double q = Double.isNaN(quotient[at]) ? 0 : Math.rint(quotient[at]);
        y[at] = (long) Math.min(high, Math.max(low, q + zero[s]));
      }
    }
    return y;
  }

  private static void add(double[] quotient, Scales scales, float[] zero) {
    for (int row = 0, at = 0; row < scales.rows(); row++) {
      int s = scales.first(row);
      for (int i = 0; i < scales.length(); i++, at++, s += scales.step()) {
        quotient[at] += zero[s];
      }
    }
  }
}
