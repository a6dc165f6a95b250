package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Gemm: a scaled product of two matrices plus a scaled third that broadcasts to it. */
final class Gemm implements Operator {
  @Override
  public String name() {
    return "Gemm";
  }

  @Override
  public int since() {
    return 7;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(call.dtype(0), GemmAttributes.of(call).infer(call, call.dims(0), call.dims(1)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    GemmAttributes attributes = GemmAttributes.of(call);
    int[] sizes = attributes.sizes(call, call.shape(0), call.shape(1));
    Shape output = Shape.of(sizes[0], sizes[2]);
    double[] a = attributes.transposeA() ? transpose(call.doubles(0), call.shape(0)) : call.doubles(0);
    double[] b = attributes.transposeB() ? transpose(call.doubles(1), call.shape(1)) : call.doubles(1);
    double[] y = MatMul.product(
        new MatMulGeometry(sizes[0], sizes[1], sizes[2], new int[1], new int[1], output), a, b);
    double[] c = call.has(2) ? call.doubles(2) : new double[1];
    Shape shape = call.has(2) ? call.shape(2) : Shape.SCALAR;
    if (!Broadcast.fits(shape, output)) {
      throw call.invalid("C has shape " + shape + ", expected one that broadcasts to " + output);
    }
    int columnStep = shape.rank() > 0 && shape.dim(-1) > 1 ? 1 : 0;
    int rowStep = shape.rank() == 2 && shape.dim(0) > 1 ? shape.intDim(1) : 0;
    for (int m = 0, i = 0; m < sizes[0]; m++) {
      for (int n = 0; n < sizes[2]; n++, i++) {
        y[i] = attributes.alpha() * y[i] + attributes.beta() * c[m * rowStep + n * columnStep];
      }
    }
    return List.of(Numbers.tensor(call.dtype(0), output, y));
  }

  private static double[] transpose(double[] matrix, Shape shape) {
    int rows = shape.intDim(0);
    int columns = shape.intDim(1);
    double[] transposed = new double[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transposed[j * rows + i] = matrix[i * columns + j];
      }
    }
    return transposed;
  }
}
