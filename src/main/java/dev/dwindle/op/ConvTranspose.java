package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** ConvTranspose: every input element adds its scaled kernel to the output. */
final class ConvTranspose implements Operator {
  @Override
  public String name() {
    return "ConvTranspose";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(call.dtype(0), ConvTransposeGeometry.infer(call, call.dims(0), call.dims(1)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    ConvTransposeGeometry g = ConvTransposeGeometry.of(call, call.shape(0), call.shape(1));
    int out = g.window().inputSize();
    double[] y = new double[g.output().intSize()];
    call.requireShape(2, g.features());
    if (call.has(2)) {
      double[] bias = call.doubles(2);
      for (int plane = 0; plane < g.batch() * g.features(); plane++) {
        Arrays.fill(y, plane * out, (plane + 1) * out, bias[plane % g.features()]);
      }
    }
    spread(g, call.doubles(0), call.doubles(1), y);
    return List.of(Elements.ofDoubles(call.dtype(0), g.output(), y));
  }

  private static void spread(ConvTransposeGeometry g, double[] x, double[] w, double[] y) {
    int in = g.window().outputSize();
    int out = g.window().inputSize();
    int taps = g.window().kernelSize();
    int perGroup = g.features() / g.groups();
    WindowTaps positions = new WindowTaps(g.window());
    for (int i = 0; i < in; i++) {
      int[] offsets = positions.next();
      for (int plane = 0; plane < g.batch() * g.channels(); plane++) {
        int channel = plane % g.channels();
        int first = plane / g.channels() * g.features() + channel / (g.channels() / g.groups()) * perGroup;
        for (int m = 0; m < perGroup; m++) {
          add(x[plane * in + i], w, (channel * perGroup + m) * taps, offsets, y, (first + m) * out);
        }
      }
    }
  }

  private static void add(double x, double[] w, int from, int[] offsets, double[] y, int to) {
    for (int k = 0; k < offsets.length; k++) {
      if (offsets[k] >= 0) {
        y[to + offsets[k]] += x * w[from + k];
      }
    }
  }
}
