package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * ConvInteger and QLinearConv: a convolution of 8-bit integers (padding counts as zero after the zero point is taken
 * off), with INT32 sums as output or these brought to the scale of the output. The scale and the zero point of the
 * weights are one value or one for each feature.
 */
final class IntegerConv implements Operator {
  static final Operator INTEGER = new IntegerConv("ConvInteger");
  static final Operator Q_LINEAR = new IntegerConv("QLinearConv");

  private static final int FEATURES_OF_WEIGHTS = 0;
  private static final int FEATURES_OF_OUTPUT = 1;

  private final String name;

  private IntegerConv(String name) {
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
    int weights = this == INTEGER ? 1 : 3;
    return Inference.one(this == INTEGER ? DType.INT32 : call.dtype(7),
        ConvGeometry.infer(call, call.dims(0), call.dims(weights)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    int weights = this == INTEGER ? 1 : 3;
    ConvGeometry geometry = ConvGeometry.of(call, call.shape(0), call.shape(weights));
    double[] x = IntegerProducts.centred(call, 0, 2, FEATURES_OF_OUTPUT);
    double[] w = IntegerProducts.centred(call, weights, this == INTEGER ? 3 : 5, FEATURES_OF_WEIGHTS);
    double[] sums = Conv.convolve(geometry, x, w, bias(call, geometry));
    if (this == INTEGER) {
      return List.of(IntegerProducts.int32(geometry.output(), sums));
    }
    double[][] factors = {
        IntegerProducts.along(call, 1, geometry.output(), FEATURES_OF_OUTPUT),
        IntegerProducts.along(call, 4, geometry.output(), FEATURES_OF_OUTPUT)};
    return List.of(IntegerProducts.requantized(call, geometry.output(), sums, factors, 6));
  }

  private double[] bias(Evaluation call, ConvGeometry geometry) {
    if (this == INTEGER || !call.has(8)) {
      return new double[geometry.features()];
    }
    if (call.shape(8).size() != geometry.features()) {
      throw call.invalid("bias is of shape " + call.shape(8) + ", expected [" + geometry.features() + "]");
    }
    return call.doubles(8);
  }
}
