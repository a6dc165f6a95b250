package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * Hardmax: one for the first largest element of each line, zero for the others. A line runs along one axis; before
 * version 13, along all axes from the given one on together.
 */
final class Hardmax implements Operator {
  private static final int ONE_AXIS = 13;

  @Override
  public String name() {
    return "Hardmax";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    if (call.hasRank(0)) {
      axis(call, call.dims(0).size());
    }
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    int axis = axis(call, shape.rank());
    boolean one = call.version() >= ONE_AXIS;
    int step = one ? (int) shape.product(axis + 1, shape.rank()) : 1;
    int count = (int) (one ? shape.dim(axis) : shape.product(axis, shape.rank()));
    double[] x = call.doubles(0);
    double[] y = new double[x.length];
    for (int outer = 0; outer < x.length; outer += count * step) {
      for (int first = outer; first < outer + step; first++) {
        y[largest(x, first, count, step)] = 1;
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), shape, y));
  }

  private static int largest(double[] x, int first, int count, int step) {
    int best = first;
    for (int k = 1, i = first + step; k < count; k++, i += step) {
      if (x[i] > x[best]) {
        best = i;
      }
    }
    return best;
  }

  private static int axis(Call call, int rank) {
    long axis = call.integer("axis", call.version() < ONE_AXIS ? 1 : -1);
    // The default 1 of old versions stands behind the only axis of a vector.
    return call.version() < ONE_AXIS && axis == rank ? rank : call.axis(axis, rank);
  }
}
