package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * DequantizeLinear: {@code (x - zero point) * scale}, the difference and the product in float, rounded to the type of
 * the scale or of attribute {@code output_dtype}. FP8 and FP4 have no zero point but 0.
 */
final class DequantizeLinear implements Operator {
  @Override
  public String name() {
    return "DequantizeLinear";
  }

  @Override
  public int since() {
    return 10;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0, target(call, call.dtype(1)));
  }

  private static DType target(Call call, DType scale) {
    long code = call.integer("output_dtype", 0);
    DType type = code == 0 ? scale : CastOps.type(call, "output_dtype", code);
    if (type != null && (!type.isFloating() || type.bits() < 16)) {
      throw call.invalid("output type is " + type.text() + ", expected float, float16 or bfloat16; set output_dtype");
    }
    return type;
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Scales scales = Scales.of(call, call.shape(0), call.shape(1));
    float[] x = call.floats(0);
    float[] scale = call.floats(1);
    float[] zero = Scales.zeroPoints(call);
    for (int row = 0, at = 0; row < scales.rows(); row++) {
      int s = scales.first(row);
      for (int i = 0; i < scales.length(); i++, at++, s += scales.step()) {
        x[at] = (x[at] - zero[s]) * scale[s];
      }
    }
    return Evaluation.one(target(call, call.dtype(1)), call.shape(0), x);
  }
}
