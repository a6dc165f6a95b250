package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** IsNaN and IsInf: which elements are not numbers, or infinite. */
final class Classification implements Operator {
  static final Operator IS_NAN = new Classification("IsNaN", 9);
  static final Operator IS_INF = new Classification("IsInf", 10);

  private final String name;
  private final int since;

  private Classification(String name, int since) {
    this.name = name;
    this.since = since;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int since() {
    return since;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0, DType.BOOL);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    boolean negative = call.flag("detect_negative", true);
    boolean positive = call.flag("detect_positive", true);
    double[] x = call.doubles(0);
    byte[] y = new byte[x.length];
    for (int i = 0; i < x.length; i++) {
      boolean found = this == IS_NAN ? Double.isNaN(x[i])
          : (positive && x[i] == Double.POSITIVE_INFINITY) || (negative && x[i] == Double.NEGATIVE_INFINITY);
      y[i] = (byte) (found ? 1 : 0);
    }
    return List.of(Tensor.of(DType.BOOL, call.shape(0), y));
  }
}
