package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Conv: a convolution (cross-correlation) over any number of spatial axes, in groups, with an optional bias. */
final class Conv implements Operator {
  @Override
  public String name() {
    return "Conv";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(call.dtype(0), ConvGeometry.infer(call, call.dims(0), call.dims(1)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    ConvGeometry geometry = ConvGeometry.of(call, call.shape(0), call.shape(1));
    call.requireShape(2, geometry.features());
    double[] bias = call.has(2) ? call.doubles(2) : new double[geometry.features()];
    double[] y = convolve(geometry, call.doubles(0), call.doubles(1), bias);
    return List.of(Elements.ofDoubles(call.dtype(0), geometry.output(), y));
  }

  /** The convolution itself: for each position the window is gathered once, then multiplied by each feature. */
  static double[] convolve(ConvGeometry g, double[] x, double[] w, double[] bias) {
    int in = g.window().inputSize();
    int out = g.window().outputSize();
    int depth = g.groupChannels() * g.window().kernelSize();
    double[] y = new double[g.output().intSize()];
    double[] patch = new double[depth];
    WindowTaps taps = new WindowTaps(g.window());
    for (int o = 0; o < out; o++) {
      int[] offsets = taps.next();
      for (int image = 0; image < g.batch() * g.groups(); image++) {
        gather(x, image * g.groupChannels() * in, in, offsets, patch);
        int first = image % g.groups() * g.groupFeatures();
        for (int m = 0; m < g.groupFeatures(); m++) {
          y[(image * g.groupFeatures() + m) * out + o] = bias[first + m] + dot(patch, w, (first + m) * depth);
        }
      }
    }
    return y;
  }

  private static void gather(double[] x, int from, int step, int[] offsets, double[] patch) {
    int channel = from;
    for (int i = 0; i < patch.length; channel += step) {
      for (int offset : offsets) {
        patch[i++] = offset < 0 ? 0 : x[channel + offset];
      }
    }
  }

  private static double dot(double[] patch, double[] w, int from) {
    double sum = 0;
    for (int i = 0; i < patch.length; i++) {
      sum += patch[i] * w[from + i];
    }
    return sum;
  }
}
