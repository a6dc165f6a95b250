package dev.dwindle.data;

import dev.dwindle.data.Field.Pixels;
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
    return height == wide.height() ? wide : turn(along(turn(wide), height));
  }

  /** Rows as columns. */
  private static Pixels turn(Pixels p) {
    byte[] turned = new byte[p.bytes().length];
    int c = p.channels();
    for (int y = 0; y < p.height(); y++) {
      for (int x = 0; x < p.width(); x++) {
        System.arraycopy(p.bytes(), (y * p.width() + x) * c, turned, (x * p.height() + y) * c, c);
      }
    }
    return new Pixels(p.width(), p.height(), c, turned);
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

  /** Each line in another length. */
  private Pixels along(Pixels image, int width) {
    Tap[] taps = new Tap[width];
    for (int x = 0; x < width; x++) {
      taps[x] = tap(x, (double) image.width() / width, image.width());
    }
    byte[] out = new byte[image.height() * width * image.channels()];
    for (int y = 0, at = 0; y < image.height(); y++) {
      for (Tap tap : taps) {
        for (int c = 0; c < image.channels(); c++) {
          out[at++] = weighted(image, y, tap, c);
        }
      }
    }
    return new Pixels(image.height(), width, image.channels(), out);
  }

  private static byte weighted(Pixels image, int y, Tap tap, int channel) {
    int sum = 1 << (FRACTION_BITS - 1);
    for (int i = 0; i < tap.weights().length; i++) {
      sum += tap.weights()[i] * image.at(y, tap.from() + i, channel);
    }
    return (byte) Math.clamp(sum >> FRACTION_BITS, 0, 255);
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
