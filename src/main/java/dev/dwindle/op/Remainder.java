package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Mod: the remainder with the sign of the divisor, or with {@code fmod} that of the dividend (as C's fmod). */
final class Remainder implements Operator {
  @Override
  public String name() {
    return "Mod";
  }

  @Override
  public int since() {
    return 10;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return List.of(Broadcast.infer(call));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType type = Broadcast.type(call);
    Shape shape = Broadcast.shape(call);
    boolean truncate = call.flag("fmod", false);
    if (type.isFloating()) {
      if (!truncate && call.version() < 28) {
        throw call.invalid("fmod is 0 with inputs of type " + type.text() + ", expected 1 before opset 28");
      }
      double[] a = Broadcast.expand(call.doubles(0), call.shape(0), shape);
      double[] b = Broadcast.expand(call.doubles(1), call.shape(1), shape);
      for (int i = 0; i < a.length; i++) {
        double r = a[i] % b[i];
        a[i] = truncate ? r : floored(r, b[i]);
      }
      return List.of(Elements.ofDoubles(type, shape, a));
    }
    long[] a = Broadcast.expand(call.longs(0), call.shape(0), shape);
    long[] b = Broadcast.expand(call.longs(1), call.shape(1), shape);
    for (int i = 0; i < a.length; i++) {
      a[i] = b[i] == 0 ? 0
          : type == DType.UINT64 ? Long.remainderUnsigned(a[i], b[i])
              : truncate ? a[i] % b[i] : Math.floorMod(a[i], b[i]);
    }
    return List.of(Elements.ofLongs(type, shape, a));
  }

  /** The remainder of the floored division from that of the truncated one; zero takes the sign of the divisor. */
  private static double floored(double r, double divisor) {
    if (r == 0) {
      return Math.copySign(0.0, divisor);
    }
    return (r < 0) == (divisor < 0) ? r : r + divisor;
  }
}
