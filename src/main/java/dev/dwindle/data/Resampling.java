package dev.dwindle.data;

import dev.dwindle.data.Field.Pixels;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * Resizing of images as Pillow does it, to the bit: a separable filter, widened by the factor when the image shrinks
 * (antialiasing), weights in fixed point with 22 bits, the result of each direction rounded to bytes.
 */
enum Resampling {
  /** The pixel under the new pixel's centre. */
  NEAREST(0, x -> 1),
  /** A triangle. */
  BILINEAR(1, x -> Math.max(0, 1 - Math.abs(x))),
  /** Keys' cubic with a = -0.5. */
  BICUBIC(2, Resampling::cubic);

  private static final int FRACTION_BITS = 22;
  private static final int HALF = 1 << FRACTION_BITS - 1;

  private final double support;
  private final DoubleUnaryOperator filter;

  Resampling(double support, DoubleUnaryOperator filter) {
    this.support = support;
    this.filter = filter;
  }

  private static double cubic(double t) {
    double x = Math.abs(t);
    if (x < 1) {
      return (1.5 * x - 2.5) * x * x + 1;
    }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  }

  /** The image in another size. */
  Pixels resize(Pixels image, int height, int width) {
    Pixels wide = width == image.width() ? image : along(image, width);
    return height == wide.height() ? wide : down(wide, height);
  }

  /** The pixels of the old line that one of the new line is made of. */
  private record Tap(int from, int[] weights) {}

  private Tap tap(int x, double scale, int length) {
    double centre = (x + 0.5) * scale;
    if (this == NEAREST) {
      return new Tap(Math.min((int) centre, length - 1), new int[] {1 << FRACTION_BITS});
    }
    double widening = Math.max(1, scale);
    int from = Math.max(0, (int) (centre - support * widening + 0.5));
    int to = Math.min(length, (int) (centre + support * widening + 0.5));
    return new Tap(from, weights(from, to, centre, widening));
  }

  private Tap[] taps(int from, int to) {
    Tap[] taps = new Tap[to];
    for (int x = 0; x < to; x++) {
      taps[x] = tap(x, (double) from / to, from);
    }
    return taps;
  }

  /** Each line in another length. */
  private Pixels along(Pixels image, int width) {
    Tap[] taps = taps(image.width(), width);
    int c = image.channels();
    byte[] out = new byte[image.height() * width * c];
    for (int y = 0, at = 0; y < image.height(); y++) {
      for (Tap tap : taps) {
        weigh(image.bytes(), (y * image.width() + tap.from()) * c, tap.weights(), c, out, at);
        at += c;
      }
    }
    return new Pixels(image.height(), width, c, out);
  }

  /** One pixel from those that begin at {@code from}. */
  private static void weigh(byte[] in, int from, int[] weights, int channels, byte[] out, int at) {
    for (int c = 0; c < channels; c++) {
      int sum = HALF;
      for (int i = 0, j = from + c; i < weights.length; i++, j += channels) {
        sum += weights[i] * (in[j] & 0xff);
      }
      out[at + c] = (byte) Math.clamp(sum >> FRACTION_BITS, 0, 255);
    }
  }

  /** Each column in another length, line by line. */
  private Pixels down(Pixels image, int height) {
    Tap[] taps = taps(image.height(), height);
    int line = image.width() * image.channels();
    byte[] out = new byte[height * line];
    int[] sums = new int[line];
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, HALF);
      for (int i = 0; i < taps[y].weights().length; i++) {
        add(image.bytes(), (taps[y].from() + i) * line, taps[y].weights()[i], sums);
      }
      store(sums, out, y * line);
    }
    return new Pixels(height, image.width(), image.channels(), out);
  }

  private static void add(byte[] in, int from, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weight * (in[from + i] & 0xff);
    }
  }

  private static void store(int[] sums, byte[] out, int to) {
    for (int i = 0; i < sums.length; i++) {
      out[to + i] = (byte) Math.max(0, Math.min(255, sums[i] >> FRACTION_BITS));
    }
  }

  /** Fixed-point weights of the pixels from (inclusive) to (exclusive) around a centre; their sum is one. */
  private int[] weights(int from, int to, double centre, double widening) {
    double[] exact = new double[to - from];
    double sum = 0;
    for (int i = 0; i < exact.length; i++) {
      exact[i] = filter.applyAsDouble((from + i - centre + 0.5) * (1 / widening));
      sum += exact[i];
    }
    int[] weights = new int[exact.length];
    for (int i = 0; i < exact.length; i++) {
      double fixed = exact[i] * (1 / sum) * (1 << FRACTION_BITS);
      weights[i] = (int) (fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
    return weights;
  }

  /** The name in a data description. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
