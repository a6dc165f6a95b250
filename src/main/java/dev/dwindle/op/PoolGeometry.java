package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A pool over an input {@code [batch, channels, ...]} of known shape: each channel is a plane of its own. */
public record PoolGeometry(int batch, int channels, WindowGeometry window) {
  /** Reduces one window of one plane, which begins at {@code from}; see {@link WindowTaps} for the offsets. */
  interface Reduction {
    double of(double[] x, int from, int[] offsets);
  }

  /** The geometry of a pool of this input. */
  public static PoolGeometry of(Call call, Shape x) {
    requireRank(call, x.rank(), x);
    return new PoolGeometry(x.intDim(0), x.intDim(1),
        WindowAttributes.ofPool(call).over(Arrays.copyOfRange(x.dims(), 2, x.rank())));
  }

  /** The output's dimensions, or null where the input's rank is unknown. */
  public static List<Dim> infer(Call call, List<Dim> x) {
    if (x == null) {
      return null;
    }
    requireRank(call, x.size(), x);
    List<Dim> dims = new ArrayList<>(x.subList(0, 2));
    dims.addAll(WindowAttributes.ofPool(call).outputDims(x.subList(2, x.size())));
    return dims;
  }

  /** Number of planes. */
  public int planes() {
    return batch * channels;
  }

  /** The output's shape. */
  public Shape output() {
    long[] dims = new long[2 + window.rank()];
    dims[0] = batch;
    dims[1] = channels;
    for (int i = 0; i < window.rank(); i++) {
      dims[2 + i] = window.output()[i];
    }
    return Shape.of(dims);
  }

  /** The reduction of every window of every plane. */
  double[] reduce(double[] x, Reduction reduction) {
    int in = window.inputSize();
    int out = window.outputSize();
    double[] y = new double[output().intSize()];
    WindowTaps taps = new WindowTaps(window);
    for (int o = 0; o < out; o++) {
      int[] offsets = taps.next();
      for (int plane = 0; plane < planes(); plane++) {
        y[plane * out + o] = reduction.of(x, plane * in, offsets);
      }
    }
    return y;
  }

  private static void requireRank(Call call, int rank, Object shape) {
    if (rank < 3) {
      throw call.invalid("input has shape " + shape + ", expected [batch, channels, ...]");
    }
  }
}
