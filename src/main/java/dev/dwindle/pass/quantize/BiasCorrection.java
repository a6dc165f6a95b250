package dev.dwindle.pass.quantize;

import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.quant.QuantizedWeights;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/**
 * What rounding the weights does to the mean of each output channel: the bias takes it back. Source: Nagel et al.,
 * Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, section 4.2, with means that were observed.
 */
final class BiasCorrection {
  private BiasCorrection() {}

  /** Whether a layer has a bias that can take the correction. */
  static boolean applies(Layer layer) {
    Node node = layer.node();
    boolean straight = node.is("Conv") || (node.is("Gemm") && !new Call(node).flag("transA", false));
    return straight && layer.weight() == 1 && layer.bias() == 2;
  }

  /**
   * The shift of each output channel's mean, original less quantized.
   *
   * @param means of the input's channels
   */
  static double[] shifts(Layer layer, Tensor weight, QuantizedWeights quantized, double[] means) {
    Shape shape = weight.shape();
    float[] original = weight.floats();
    byte[] integers = quantized.values().bytes();
    boolean outputsLast = layer.channelAxis() == 1;
    int outputs = shape.intDim(layer.channelAxis());
    int taps = original.length / outputs;
    int perInput = Math.toIntExact(shape.product(2, shape.rank()));
    int groups = new Call(layer.node()).int32("group", 1);
    double[] shifts = new double[outputs];
    for (int o = 0; o < outputs; o++) {
      float scale = quantized.scales()[quantized.axis() < 0 ? 0 : o];
      int firstInput = o / (outputs / groups) * (taps / perInput);
      for (int t = 0; t < taps; t++) {
        int at = outputsLast ? t * outputs + o : o * taps + t;
        shifts[o] += (original[at] - (double) integers[at] * scale) * means[firstInput + t / perInput];
      }
    }
    return shifts;
  }
}
