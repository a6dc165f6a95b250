package dev.dwindle.op;

import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** MaxPool: the greatest element of each window, and where it stood. */
final class MaxPool implements Operator {
  @Override
  public String name() {
    return "MaxPool";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    TensorType y = new TensorType(call.dtype(0), PoolGeometry.infer(call, call.dims(0)));
    return List.of(y, y.with(DType.INT64));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    PoolGeometry geometry = PoolGeometry.of(call, call.shape(0));
    double[] x = call.doubles(0);
    double[] at = geometry.reduce(x, MaxPool::greatest);
    double[] y = new double[at.length];
    long[] indices = new long[at.length];
    boolean columnMajor = call.integer("storage_order", 0) == 1;
    int plane = geometry.window().inputSize();
    for (int i = 0; i < at.length; i++) {
      int index = (int) at[i];
      y[i] = index < 0 ? Double.NEGATIVE_INFINITY : x[index];
      indices[i] = columnMajor && index >= 0
          ? index - index % plane + columnMajor(index % plane, geometry.window().input()) : index;
    }
    return List.of(Numbers.tensor(call.dtype(0), geometry.output(), y), Tensor.of(geometry.output(), indices));
  }

  /** The index of the first greatest element of a window, where a NaN is the greatest; -1 where all of it is padding. */
  static double greatest(double[] x, int from, int[] offsets) {
    int best = -1;
    for (int offset : offsets) {
      if (offset >= 0 && (best < 0 || x[from + offset] > x[best] || x[from + offset] != x[from + offset])) {
        best = from + offset;
      }
      if (best >= 0 && x[best] != x[best]) {
        return best;
      }
    }
    return best;
  }

  private static int columnMajor(int rowMajor, int[] sizes) {
    int rest = rowMajor;
    int result = 0;
    int step = 1;
    int[] index = new int[sizes.length];
    for (int i = sizes.length - 1; i >= 0; i--) {
      index[i] = rest % sizes[i];
      rest /= sizes[i];
    }
    for (int i = 0; i < sizes.length; i++) {
      result += index[i] * step;
      step *= sizes[i];
    }
    return result;
  }
}
