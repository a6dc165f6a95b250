package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Det: determinants of a stack of square matrices, by elimination with row pivots. */
final class Det implements Operator {
  @Override
  public String name() {
    return "Det";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(call.dtype(0),
        call.hasRank(0) ? call.dims(0).subList(0, Math.max(0, call.dims(0).size() - 2)) : null);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    if (shape.rank() < 2 || shape.dim(-1) != shape.dim(-2)) {
      throw call.invalid("input has shape " + shape + ", expected square matrices");
    }
    int n = shape.intDim(-1);
    Shape stack = Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 2));
    double[] x = call.doubles(0);
    double[] y = new double[stack.intSize()];
    for (int i = 0; i < y.length; i++) {
      y[i] = determinant(Arrays.copyOfRange(x, i * n * n, (i + 1) * n * n), n);
    }
    return List.of(Elements.ofDoubles(call.dtype(0), stack, y));
  }

  private static double determinant(double[] a, int n) {
    double product = 1;
    for (int c = 0; c < n; c++) {
      int pivot = c;
      for (int r = c + 1; r < n; r++) {
        pivot = Math.abs(a[r * n + c]) > Math.abs(a[pivot * n + c]) ? r : pivot;
      }
      if (a[pivot * n + c] == 0) {
        return 0;
      }
      for (int j = c; j < n && pivot != c; j++) {
        double swapped = a[c * n + j];
        a[c * n + j] = a[pivot * n + j];
        a[pivot * n + j] = swapped;
      }
      product *= pivot == c ? a[c * n + c] : -a[c * n + c];
      for (int r = c + 1; r < n; r++) {
        double factor = a[r * n + c] / a[c * n + c];
        for (int j = c; j < n; j++) {
          a[r * n + j] -= factor * a[c * n + j];
        }
      }
    }
    return product;
  }
}
