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

  private Pixels along(Pixels image, int width) {
    byte[] out = new byte[image.height() * width * image.channels()];
    double scale = (double) image.width() / width;
    for (int x = 0; x < width; x++) {
      int[] weights;
      int from;
      if (this == NEAREST) {
        from = Math.min((int) ((x + 0.5) * scale), image.width() - 1);
        weights = new int[] {1 << FRACTION_BITS};
      } else {
        double centre = (x + 0.5) * scale;
        double reach = support * Math.max(1, scale);
        from = Math.max(0, (int) (centre - reach + 0.5));
        weights = weights(from, Math.min(image.width(), (int) (centre + reach + 0.5)), centre, Math.max(1, scale));
      }
      column(image, from, weights, out, x, width);
    }
    return new Pixels(image.height(), width, image.channels(), out);
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

  private static void column(Pixels image, int from, int[] weights, byte[] out, int x, int width) {
    int channels = image.channels();
    for (int y = 0; y < image.height(); y++) {
      for (int c = 0; c < channels; c++) {
        int sum = 1 << (FRACTION_BITS - 1);
        for (int i = 0; i < weights.length; i++) {
          sum += weights[i] * image.at(y, from + i, c);
        }
        out[(y * width + x) * channels + c] = (byte) Math.clamp(sum >> FRACTION_BITS, 0, 255);
      }
    }
  }

  /** The name in a data description. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
