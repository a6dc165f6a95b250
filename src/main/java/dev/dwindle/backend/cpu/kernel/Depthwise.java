package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A depthwise convolution (ONNX Conv with one input channel a group) prepared for one shape: Y =
 * activation(conv(X, W) + bias + residual). Vectors run along a row of outputs, or over the rows of a
 * padded plane where a row is shorter than a vector.
 */
public final class Depthwise {
  /**
   * @param batch images
   * @param channels input channels
   * @param multiplier output channels of each input channel
   */
  public record Shape(int batch, int channels, int multiplier, Window window) {}

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private final Shape shape;
  private final Finish finish;
  private final PhasePlanes planes;
  private final int[] taps;
  private final float[] weights;

  private Depthwise(Shape shape, Finish finish, float[] weights) {
    this.shape = shape;
    this.finish = finish;
    this.weights = weights == null ? null : weights.clone();
    planes = new PhasePlanes(shape.window());
    taps = planes.taps(1);
  }

  /** A depthwise convolution with weights known only when it runs. */
  public static Depthwise of(Shape shape, Finish finish) {
    return new Depthwise(shape, finish, null);
  }

  /** A depthwise convolution with constant weights (channels * multiplier, 1, height, width). */
  public static Depthwise withWeights(Shape shape, Finish finish, float[] values) {
    return new Depthwise(shape, finish, values);
  }

  /** Floats of scratch of each thread: what {@link Workers#reserve} is to be told. */
  public int local() {
    return sums() + shape.window().height().out() * planes.rowStride() + 4 * LANES;
  }

  /** Where a thread's scratch holds the sums of a narrow image, behind the planes. */
  private int sums() {
    return planes.floats() + 4 * LANES;
  }

  /**
   * Binds the convolution to its memory.
   *
   * @param image N, C, H, W
   * @param kernel the weights; null where they are constant
   * @param result N, C * multiplier, H', W'
   * @param residual added before the activation and laid out like the result; null for none. May be the
   *     result itself
   */
  public Step on(Slice image, Slice kernel, Slice result, Slice residual) {
    int channels = shape.batch() * shape.channels();
    Workers.Task task = (piece, local) -> channel(piece, image, kernel, result, residual, local);
    return workers -> {
      workers.reserve(local());
      workers.run(channels, task);
    };
  }

  private void channel(
      int piece, Slice image, Slice kernel, Slice result, Slice residual, float[] local) {
    Window window = shape.window();
    planes.fill(image.array(), image.offset() + piece * window.inPlane(), 0, local, 0);
    int channel = piece % shape.channels();
    float[] w = kernel == null ? weights : kernel.array();
    float[] y = result.array();
    int plane = window.outPlane();
    for (int m = 0; m < shape.multiplier(); m++) {
      int feature = channel * shape.multiplier() + m;
      int wo = (kernel == null ? 0 : kernel.offset()) + feature * taps.length;
      float bias = finish.bias() == null ? 0 : finish.bias()[feature];
      int at = (piece * shape.multiplier() + m) * plane;
      int to = result.offset() + at;
      if (residual == null && window.width().out() >= 2 * LANES) {
        wide(local, w, wo, bias, y, to);
      } else {
        narrow(local, w, wo, bias);
        copyRows(local, residual, at, y, to);
      }
      finish.activation().apply(y, to, plane);
    }
  }

  private void wide(float[] local, float[] w, int wo, float bias, float[] y, int to) {
    int out = shape.window().width().out();
    for (int row = 0; row < shape.window().height().out(); row++) {
      correlate(local, row * planes.rowStride(), w, wo, bias, y, to + row * out, out);
    }
  }

  private void narrow(float[] local, float[] w, int wo, float bias) {
    int out = shape.window().width().out();
    int rows = shape.window().height().out();
    int stride = planes.rowStride();
    int n = Math.max(2 * LANES, (rows - 1) * stride + out);
    correlate(local, 0, w, wo, bias, local, sums(), n);
  }

  /** Moves the sums to the result, whose old content may be the residual. */
  private void copyRows(float[] local, Slice residual, int at, float[] y, int to) {
    int out = shape.window().width().out();
    for (int row = 0; row < shape.window().height().out(); row++) {
      int from = sums() + row * planes.rowStride();
      int target = to + row * out;
      if (residual == null) {
        System.arraycopy(local, from, y, target, out);
      } else {
        float[] r = residual.array();
        int ro = residual.offset() + at + row * out;
        for (int i = 0; i < out; i++) {
          y[target + i] = r[ro + i] + local[from + i];
        }
      }
    }
  }

  /** Computes {@code n} neighbouring outputs, at least two vectors of them; the last may be done twice. */
  private void correlate(
      float[] x, int from, float[] w, int wo, float bias, float[] y, int to, int n) {
    int i = 0;
    for (; i <= n - 4 * LANES; i += 4 * LANES) {
      four(x, from + i, w, wo, bias, y, to + i);
    }
    for (; i < n; i += 2 * LANES) {
      int j = Math.min(i, n - 2 * LANES);
      two(x, from + j, w, wo, bias, y, to + j);
    }
  }

  private void four(float[] x, int from, float[] w, int wo, float bias, float[] y, int to) {
    FloatVector s0 = FloatVector.broadcast(SPECIES, bias);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int[] shifts = taps;
    for (int t = 0; t < shifts.length; t++) {
      FloatVector v = FloatVector.broadcast(SPECIES, w[wo + t]);
      int i = from + shifts[t];
      s0 = v.fma(FloatVector.fromArray(SPECIES, x, i), s0);
      s1 = v.fma(FloatVector.fromArray(SPECIES, x, i + LANES), s1);
      s2 = v.fma(FloatVector.fromArray(SPECIES, x, i + 2 * LANES), s2);
      s3 = v.fma(FloatVector.fromArray(SPECIES, x, i + 3 * LANES), s3);
    }
    s0.intoArray(y, to);
    s1.intoArray(y, to + LANES);
    s2.intoArray(y, to + 2 * LANES);
    s3.intoArray(y, to + 3 * LANES);
  }

  private void two(float[] x, int from, float[] w, int wo, float bias, float[] y, int to) {
    FloatVector s0 = FloatVector.broadcast(SPECIES, bias);
    FloatVector s1 = s0;
    int[] shifts = taps;
    for (int t = 0; t < shifts.length; t++) {
      FloatVector v = FloatVector.broadcast(SPECIES, w[wo + t]);
      int i = from + shifts[t];
      s0 = v.fma(FloatVector.fromArray(SPECIES, x, i), s0);
      s1 = v.fma(FloatVector.fromArray(SPECIES, x, i + LANES), s1);
    }
    s0.intoArray(y, to);
    s1.intoArray(y, to + LANES);
  }
}
