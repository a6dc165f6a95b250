package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * MatMulInteger and QLinearMatMul: products of stacks of 8-bit integer matrices, with INT32 sums as output or these
 * brought to the scale of the output. Scales and zero points are one value, one for each row on the left, or one for
 * each column on the right.
 */
final class IntegerMatMul implements Operator {
  static final Operator INTEGER = new IntegerMatMul("MatMulInteger");
  static final Operator Q_LINEAR = new IntegerMatMul("QLinearMatMul");

  private static final int ROWS = -2;
  private static final int COLUMNS = -1;

  private final String name;

  private IntegerMatMul(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int since() {
    return 10;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    int right = this == INTEGER ? 1 : 3;
    return Inference.one(this == INTEGER ? DType.INT32 : call.dtype(7),
        MatMulGeometry.infer(call, call.dims(0), call.dims(right)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    int right = this == INTEGER ? 1 : 3;
    MatMulGeometry geometry = MatMulGeometry.of(call, call.shape(0), call.shape(right));
    double[] a = IntegerProducts.centred(call, 0, 2, ROWS);
    double[] b = IntegerProducts.centred(call, right, this == INTEGER ? 3 : 5, COLUMNS);
    double[] sums = MatMul.product(geometry, a, b);
    if (this == INTEGER) {
      return List.of(IntegerProducts.int32(geometry.output(), sums));
    }
    double[][] factors = {
        IntegerProducts.along(call, 1, geometry.output(), ROWS),
        IntegerProducts.along(call, 4, geometry.output(), COLUMNS)};
    return List.of(IntegerProducts.requantized(call, geometry.output(), sums, factors, 6));
  }
}
