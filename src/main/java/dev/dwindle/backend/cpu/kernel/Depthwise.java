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

  /** Multiplications that are worth a claim. */
  private static final int WORTH = 1 << 15;

  private final Shape shape;
  private final Finish finish;
  private final PhasePlanes planes;
  private final int[] taps;
  private final float[] weights;
  private final boolean isSquare;

  private Depthwise(Shape shape, Finish finish, float[] weights) {
    this.shape = shape;
    this.finish = finish;
    this.weights = weights == null ? null : weights.clone();
    planes = new PhasePlanes(shape.window());
    taps = planes.taps(1);
    isSquare = isThree(shape.window().height()) && isThree(shape.window().width());
  }

  private static boolean isThree(Window.Axis axis) {
    return axis.kernel() == 3 && axis.stride() == 1 && axis.dilation() == 1;
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
    return aside() + LANES;
  }

  /** Where a thread's scratch holds sums that are not yet results: behind the planes. */
  private int sums() {
    return planes.floats() + 2 * LANES;
  }

  /** Where it holds a vector of which not all may be written: behind the sums. */
  private int aside() {
    return sums() + shape.window().outPlane() + LANES;
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
    long work = (long) shape.multiplier() * taps.length * shape.window().outPlane();
    int together = (int) Math.max(1, WORTH / work);
    Workers.Task task = (piece, local) -> {
      int end = Math.min(channels, (piece + 1) * together);
      for (int channel = piece * together; channel < end; channel++) {
        channel(channel, image, kernel, result, residual, local);
      }
    };
    return workers -> {
      workers.reserve(local());
      workers.run((channels + together - 1) / together, task);
    };
  }

  private void channel(
      int piece, Slice image, Slice kernel, Slice result, Slice residual, float[] local) {
    Window window = shape.window();
    planes.fill(image.array(), image.offset() + piece * window.inPlane(), 0, local, 0, local.length);
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
      if (residual == null && window.width().out() >= LANES) {
        correlate(local, w, wo, bias, y, to, to + plane);
      } else {
        // Rows shorter than a vector are written faster where their surplus harms nothing.
        correlate(local, w, wo, bias, local, sums(), sums() + plane + LANES);
        if (residual == null) {
          System.arraycopy(local, sums(), y, to, plane);
        } else {
          BinaryLoops.add(residual.array(), residual.offset() + at, local, sums(), y, to, plane);
        }
      }
      finish.activation().apply(y, to, plane);
    }
  }

  /** Computes all outputs of one channel; floats between them and {@code end} may be overwritten. */
  private void correlate(float[] x, float[] w, int wo, float bias, float[] y, int to, int end) {
    int rows = shape.window().height().out();
    int out = shape.window().width().out();
    int stride = planes.rowStride();
    for (int i = 0; i < out; i += LANES) {
      // The last vector of a row overlaps the one before; of a short row, the next one overwrites what is too much.
      int j = Math.max(0, Math.min(i, out - LANES));
      for (int row = 0; row < rows; row += 4) {
        // The last four rows may overlap those before, too.
        int r = Math.max(0, Math.min(row, rows - 4));
        if (rows < 4 || to + (r + 3) * out + j + LANES > end) {
          aside(x, r, j, w, wo, bias, y, to);
        } else if (isSquare) {
          fourOfThree(x, r * stride + j, stride, w, wo, bias, y, to + r * out + j, out);
        } else {
          four(x, r * stride + j, stride, w, wo, bias, y, to + r * out + j, out);
        }
      }
    }
  }

  /** The last rows of an image whose rows are shorter than a vector, where no float behind may be overwritten. */
  private void aside(float[] x, int row, int column, float[] w, int wo, float bias, float[] y, int to) {
    int rows = Math.min(4, shape.window().height().out() - row);
    int out = shape.window().width().out();
    int n = Math.min(LANES, out - column);
    for (int r = row; r < row + rows; r++) {
      one(x, r * planes.rowStride() + column, w, wo, bias).intoArray(x, aside());
      for (int i = 0; i < n; i++) {
        y[to + r * out + column + i] = x[aside() + i];
      }
    }
  }

  /** Four outputs below each other, {@code step} apart in the planes and {@code ldy} in the result. */
  private void four(float[] x, int from, int step, float[] w, int wo, float bias, float[] y, int to, int ldy) {
    FloatVector s0 = FloatVector.broadcast(SPECIES, bias);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int[] shifts = taps;
    for (int t = 0; t < shifts.length; t++) {
      FloatVector v = FloatVector.broadcast(SPECIES, w[wo + t]);
      int i = from + shifts[t];
      s0 = v.fma(FloatVector.fromArray(SPECIES, x, i), s0);
      s1 = v.fma(FloatVector.fromArray(SPECIES, x, i + step), s1);
      s2 = v.fma(FloatVector.fromArray(SPECIES, x, i + 2 * step), s2);
      s3 = v.fma(FloatVector.fromArray(SPECIES, x, i + 3 * step), s3);
    }
    s0.intoArray(y, to);
    s1.intoArray(y, to + ldy);
    s2.intoArray(y, to + 2 * ldy);
    s3.intoArray(y, to + 3 * ldy);
  }

  /** As {@link #four} for 3x3 taps that neighbour each other: of the six rows, each vector is loaded once. */
  private static void fourOfThree(float[] x, int from, int step, float[] w, int wo, float bias, float[] y, int to,
      int ldy) {
    FloatVector s0 = FloatVector.broadcast(SPECIES, bias);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int column = 0; column < 3; column++) {
      int i = from + column;
      FloatVector upper = FloatVector.broadcast(SPECIES, w[wo + column]);
      FloatVector middle = FloatVector.broadcast(SPECIES, w[wo + 3 + column]);
      FloatVector lower = FloatVector.broadcast(SPECIES, w[wo + 6 + column]);
      FloatVector v = FloatVector.fromArray(SPECIES, x, i);
      s0 = upper.fma(v, s0);
      v = FloatVector.fromArray(SPECIES, x, i + step);
      s0 = middle.fma(v, s0);
      s1 = upper.fma(v, s1);
      v = FloatVector.fromArray(SPECIES, x, i + 2 * step);
      s0 = lower.fma(v, s0);
      s1 = middle.fma(v, s1);
      s2 = upper.fma(v, s2);
      v = FloatVector.fromArray(SPECIES, x, i + 3 * step);
      s1 = lower.fma(v, s1);
      s2 = middle.fma(v, s2);
      s3 = upper.fma(v, s3);
      v = FloatVector.fromArray(SPECIES, x, i + 4 * step);
      s2 = lower.fma(v, s2);
      s3 = middle.fma(v, s3);
      s3 = lower.fma(FloatVector.fromArray(SPECIES, x, i + 5 * step), s3);
    }
    s0.intoArray(y, to);
    s1.intoArray(y, to + ldy);
    s2.intoArray(y, to + 2 * ldy);
    s3.intoArray(y, to + 3 * ldy);
  }

  private FloatVector one(float[] x, int from, float[] w, int wo, float bias) {
    FloatVector sums = FloatVector.broadcast(SPECIES, bias);
    int[] shifts = taps;
    for (int t = 0; t < shifts.length; t++) {
      FloatVector v = FloatVector.broadcast(SPECIES, w[wo + t]);
      sums = v.fma(FloatVector.fromArray(SPECIES, x, from + shifts[t]), sums);
    }
    return sums;
  }
}
