package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.stream.LongStream;

/**
 * {@code dev.dwindle.BatchNormalizationGradient}: the gradients of input, scale and bias of a BatchNormalization in training mode, from its input X
 * {@code [batch, channels, ...]}, its scale and the gradient of its output. The batch's mean and variance depend on the input, too (Ioffe and
 * Szegedy, "Batch Normalization", 2015). The attribute is epsilon.
 */
final class BatchNormalizationGradient implements Operator {
  static final String NAME = "BatchNormalizationGradient";

  /** The node for a BatchNormalization. */
  static List<Value> nodes(Backward call) {
    return call.ops(OWN_DOMAIN, NAME, List.of(Attribute.of("epsilon", call.real("epsilon", 1e-5f))), 3, call.input(0),
        call.input(1), call.gradient());
  }

  @Override
  public String domain() {
    return OWN_DOMAIN;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    TensorType scale = call.tensor(1);
    return List.of(call.tensor(0), scale, scale);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    if (shape.rank() < 2 || !shape.equals(call.shape(2)) || call.shape(1).size() != shape.dim(1)) {
      throw call.invalid("input " + shape + ", scale " + call.shape(1) + " and gradient " + call.shape(2)
          + ", expected [batch, channels, ...], [channels] and the input's");
    }
    if (shape.size() == 0) throw call.invalid("input has shape " + shape + ", expected elements to take the mean of");
    int channels = shape.intDim(1);
    int inner = (int) shape.product(2, shape.rank());
    double[] x = call.doubles(0);
    double[] g = call.doubles(2);
    double[] scale = call.doubles(1);
    double[] ofScale = new double[channels];
    double[] ofBias = new double[channels];
    double count = (double) x.length / channels;
    double[] mean = BatchNormalization.means(x, channels, inner);
    double[] deviation = BatchNormalization.variances(x, mean, inner);
    for (int c = 0; c < channels; c++) deviation[c] = Math.sqrt(deviation[c] + call.real("epsilon", 1e-5f));
    for (int i = 0; i < x.length; i++) {
      int c = i / inner % channels;
      x[i] = (x[i] - mean[c]) / deviation[c];
      ofScale[c] += g[i] * x[i];
      ofBias[c] += g[i];
    }
    for (int i = 0; i < x.length; i++) {
      int c = i / inner % channels;
      g[i] = scale[c] / deviation[c] * (g[i] - ofBias[c] / count - x[i] * ofScale[c] / count);
    }
    Shape vector = call.shape(1);
    return List.of(Elements.ofDoubles(call.dtype(0), shape, g), Elements.ofDoubles(call.dtype(1), vector, ofScale),
        Elements.ofDoubles(call.dtype(1), vector, ofBias));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    if (!call.type(0).hasRank()) return null;
    int rank = call.type(0).rank();
    long[] axes = LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
    Value g = call.input(2);
    Value centred = call.op("Sub", call.input(0), call.reduce("ReduceMean", call.input(0), axes));
    Value variance = call.reduce("ReduceMean", call.op("Mul", centred, centred), axes);
    Value deviation = NormalizationGradients.deviation(call, variance);
    Value standard = call.op("Div", centred, deviation);
    Value product = call.op("Mul", g, standard);
    Value factor = call.op("Div", NormalizationGradients.channels(call, call.input(1), rank), deviation);
    Value rest = call.op("Sub", g, call.reduce("ReduceMean", g, axes));
    Value common = call.op("Mul", standard, call.reduce("ReduceMean", product, axes));
    return List.of(call.op("Mul", factor, call.op("Sub", rest, common)),
        call.reshaped(call.reduce("ReduceSum", product, axes), -1),
        call.reshaped(call.reduce("ReduceSum", g, axes), -1));
  }
}
