package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** CumSum and CumProd: running sums and products along an axis. */
record Cumulation(String name, int since, boolean product) implements Operator {
  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    int axis = call.axis(call.scalarLong(1), shape.rank());
    boolean exclusive = call.flag("exclusive", false);
    boolean reverse = call.flag("reverse", false);
    int inner = (int) shape.product(axis + 1, shape.rank());
    int count = shape.intDim(axis);
    boolean reals = call.dtype(0).isFloating();
    double[] x = reals ? call.doubles(0) : null;
    long[] n = reals ? null : call.longs(0);
    int lanes = shape.size() == 0 ? 0 : shape.intSize() / count;
    for (int lane = 0; lane < lanes; lane++) {
      int start = lane / inner * inner * count + lane % inner;
      double total = product ? 1 : 0;
      long whole = product ? 1 : 0;
      for (int k = 0; k < count; k++) {
        int at = start + (reverse ? count - 1 - k : k) * inner;
        double before = total;
        long wholeBefore = whole;
        if (reals) {
          total = product ? total * x[at] : total + x[at];
          x[at] = exclusive ? before : total;
        } else {
          whole = product ? whole * n[at] : whole + n[at];
          n[at] = exclusive ? wholeBefore : whole;
        }
      }
    }
    return List.of(reals ? Elements.ofDoubles(call.dtype(0), shape, x) : Elements.ofLongs(call.dtype(0), shape, n));
  }
}
