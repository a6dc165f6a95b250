package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** MatMul: products of stacks of matrices, of floating-point or integer elements (which wrap around). */
final class MatMul implements Operator {
  @Override
  public String name() {
    return "MatMul";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(call.dtype(0), MatMulGeometry.infer(call, call.dims(0), call.dims(1)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    MatMulGeometry geometry = MatMulGeometry.of(call, call.shape(0), call.shape(1));
    return List.of(
        call.dtype(0).isInteger()
            ? Elements.ofLongs(call.dtype(0), geometry.output(), product(geometry, call.longs(0), call.longs(1)))
            : Elements.ofDoubles(call.dtype(0), geometry.output(),
                product(geometry, call.doubles(0), call.doubles(1))));
  }

  /** All products, one after the other. */
  static double[] product(MatMulGeometry g, double[] a, double[] b) {
    double[] y = new double[g.output().intSize()];
    for (int i = 0, row = 0; i < g.aOffsets().length; i++) {
      for (int m = 0; m < g.rows(); m++, row += g.columns()) {
        for (int k = 0; k < g.inner(); k++) {
          double left = a[g.aOffsets()[i] + m * g.inner() + k];
          int right = g.bOffsets()[i] + k * g.columns();
          for (int n = 0; n < g.columns(); n++) {
            y[row + n] += left * b[right + n];
          }
        }
      }
    }
    return y;
  }

  private static long[] product(MatMulGeometry g, long[] a, long[] b) {
    long[] y = new long[g.output().intSize()];
    for (int i = 0, row = 0; i < g.aOffsets().length; i++) {
      for (int m = 0; m < g.rows(); m++, row += g.columns()) {
        for (int k = 0; k < g.inner(); k++) {
          long left = a[g.aOffsets()[i] + m * g.inner() + k];
          int right = g.bOffsets()[i] + k * g.columns();
          for (int n = 0; n < g.columns(); n++) {
            y[row + n] += left * b[right + n];
          }
        }
      }
    }
    return y;
  }
}
