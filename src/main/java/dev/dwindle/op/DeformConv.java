package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** DeformConv: a convolution each of whose taps is moved by an offset that comes in (Dai and others, 2017). */
final class DeformConv implements Operator {
  @Override
  public String name() {
    return "DeformConv";
  }

  @Override
  public int since() {
    return 19;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(call.dtype(0), ConvGeometry.infer(call, call.dims(0), call.dims(1)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    ConvGeometry g = ConvGeometry.of(call, call.shape(0), call.shape(1));
    int offsetGroups = call.int32("offset_group", 1);
    int taps = g.window().kernelSize();
    int out = g.window().outputSize();
    long offsets = (long) g.batch() * offsetGroups * taps * out;
    if (offsetGroups < 1 || g.channels() % offsetGroups != 0
        || call.shape(2).size() != offsets * g.window().rank() || (call.has(4) && call.shape(4).size() != offsets)) {
      throw call.invalid("offset has shape " + call.shape(2) + (call.has(4) ? ", mask " + call.shape(4) : "")
          + ", expected " + offsetGroups + " * " + taps + " * " + g.window().rank() + " (mask: without the last)"
          + " channels over the output's " + g.output());
    }
    call.requireShape(3, g.features());
    double[] patches = new Patches(call, g, offsetGroups).gather();
    double[] w = call.doubles(1);
    double[] bias = call.has(3) ? call.doubles(3) : new double[g.features()];
    int depth = g.groupChannels() * taps;
    double[] y = new double[g.output().intSize()];
    for (int plane = 0; plane < g.batch() * g.features(); plane++) {
      int feature = plane % g.features();
      int group = plane / g.features() * g.groups() + feature / g.groupFeatures();
      for (int o = 0; o < out; o++) {
        double sum = bias[feature];
        for (int i = 0; i < depth; i++) {
          sum += w[feature * depth + i] * patches[(group * depth + i) * out + o];
        }
        y[plane * out + o] = sum;
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), g.output(), y));
  }

  /** What each tap of each output position reads. */
  private static final class Patches {
    private final ConvGeometry g;
    private final int groups;
    private final double[] x;
    private final double[] offset;
    private final double[] mask;
    private final int[] position;
    private final int[] tap;

    Patches(Evaluation call, ConvGeometry g, int groups) {
      this.g = g;
      this.groups = groups;
      this.x = call.doubles(0);
      this.offset = call.doubles(2);
      this.mask = call.has(4) ? call.doubles(4) : null;
      this.position = new int[g.window().rank()];
      this.tap = new int[g.window().rank()];
    }

    /** Values in the order batch, channel, tap, position. */
    double[] gather() {
      int taps = g.window().kernelSize();
      int out = g.window().outputSize();
      int perGroup = g.channels() / groups;
      double[] patches = new double[Math.multiplyExact(g.batch() * g.channels() * taps, out)];
      double[] at = new double[position.length];
      for (int n = 0; n < g.batch(); n++) {
        for (int i = 0; i < groups * taps * out; i++) {
          int row = n * groups * taps + i / out;
          place(row, i % out, i / out % taps, at);
          double scale = mask == null ? 1 : mask[row * out + i % out];
          for (int c = 0; c < perGroup; c++) {
            int plane = n * g.channels() + i / out / taps * perGroup + c;
            patches[(plane * taps + i / out % taps) * out + i % out] = scale
                * read(plane * g.window().inputSize(), at, 0, 0);
          }
        }
      }
      return patches;
    }

    private void place(int row, int o, int k, double[] at) {
      WindowGeometry w = g.window();
      split(o, w.output(), position);
      split(k, w.kernel(), tap);
      for (int axis = 0; axis < at.length; axis++) {
        at[axis] = position[axis] * w.strides()[axis] - w.padBegin()[axis] + tap[axis] * w.dilations()[axis]
            + offset[(row * at.length + axis) * w.outputSize() + o];
      }
    }

    private static void split(int index, int[] sizes, int[] parts) {
      int rest = index;
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        parts[axis] = rest % sizes[axis];
        rest /= sizes[axis];
      }
    }

    /** Linear interpolation on every axis; what lies outside is zero. */
    private double read(int plane, double[] at, int offsetSoFar, int axis) {
      if (axis == at.length) {
        return x[plane + offsetSoFar];
      }
      int size = g.window().input()[axis];
      int low = (int) Math.floor(at[axis]);
      double fraction = at[axis] - low;
      double sum = 0;
      if (low >= 0 && low < size) {
        sum += (1 - fraction) * read(plane, at, offsetSoFar * size + low, axis + 1);
      }
      if (low + 1 >= 0 && low + 1 < size && fraction > 0) {
        sum += fraction * read(plane, at, offsetSoFar * size + low + 1, axis + 1);
      }
      return sum;
    }
  }
}
