package dev.dwindle.op;

import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Conversion;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Pow: the result has the type of the base; integer powers of integers wrap around. */
final class Power implements Operator {
  @Override
  public String name() {
    return "Pow";
  }

  @Override
  public int since() {
    return 7;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return List.of(new TensorType(call.dtype(0), call.broadcast(0, 1)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = Broadcast.shape(call);
    DType base = call.dtype(0);
    if (!base.isFloating() && !call.dtype(1).isFloating()) {
      return List.of(Elements.ofLongs(base, shape, integers(call, shape)));
    }
    double[] x = Broadcast.expand(call.doubles(0), call.shape(0), shape);
    double[] y = Broadcast.expand(call.doubles(1), call.shape(1), shape);
    for (int i = 0; i < x.length; i++) {
      x[i] = power(x[i], y[i]);
    }
    return List.of(base.isFloating() ? Elements.ofDoubles(base, shape, x) : Conversion.truncated(base, shape, x));
  }

  /** As IEEE 754 has it: 1 to any power is 1, and so is -1 to an infinite one (Java says NaN). */
  private static double power(double x, double y) {
    return x == 1 || (x == -1 && Double.isInfinite(y)) ? 1 : Math.pow(x, y);
  }

  private static long[] integers(Evaluation call, Shape shape) {
    long[] x = Broadcast.expand(call.longs(0), call.shape(0), shape);
    long[] y = Broadcast.expand(call.longs(1), call.shape(1), shape);
    boolean unsigned = call.dtype(1) == DType.UINT64;
    for (int i = 0; i < x.length; i++) {
      x[i] = y[i] < 0 && !unsigned ? (long) Math.pow(x[i], y[i]) : power(x[i], y[i]);
    }
    return x;
  }

  /** By squaring; the exponent is read as unsigned. */
  private static long power(long x, long y) {
    long result = 1;
    for (long square = x, rest = y; rest != 0; rest >>>= 1, square *= square) {
      if ((rest & 1) != 0) {
        result *= square;
      }
    }
    return result;
  }
}
