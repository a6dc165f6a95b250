package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Random;

/** The plain-loop twins of the kernels, in double precision, with the bound that a result is held to. */
final class PlainLoops {
  /** Lengths that fill no tile and no vector, beside some that do. */
  static final int[] AWKWARD = {1, 4, 6, 13, 16, 17, 31, 32, 33, 63, 207};

  private static final double EPSILON = Math.ulp(1f);

  private PlainLoops() {}

  /** Expected values and, for each, the sum of the magnitudes that went into it. */
  record Sums(double[] value, double[] magnitude) {
    Sums(int n) {
      this(new double[n], new double[n]);
    }

    void add(int i, double term) {
      value[i] += term;
      magnitude[i] += Math.abs(term);
    }
  }

  static float[] random(int n, long seed) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Holds every result, clipped to [low, high], to c * epsilon * the sum of magnitudes. */
  static void expect(Sums expected, float low, float high, double c, float[] actual, int offset, Object what) {
    for (int i = 0; i < expected.value.length; i++) {
      double wanted = Math.clamp(expected.value[i], (double) low, (double) high);
      double off = Math.abs(wanted - actual[offset + i]);
      if (!(off <= c * EPSILON * expected.magnitude[i])) {
        fail("%s: element %d is %s, expected %s within %s".formatted(what, i, actual[offset + i], wanted,
            c * EPSILON * expected.magnitude[i]));
      }
    }
  }

  static Sums matMul(MatMul.Shape s, MatMul.Layout a, float[] left, MatMul.Layout b, float[] right) {
    Sums sums = new Sums(s.batch() * s.m() * s.n());
    int o = 0;
    for (int batch = 0; batch < s.batch(); batch++) {
      for (int i = 0; i < s.m(); i++) {
        for (int j = 0; j < s.n(); j++, o++) {
          for (int k = 0; k < s.k(); k++) {
            double x = left[a.start(batch) + i * a.rowStride() + k * a.columnStride()];
            sums.add(o, x * right[b.start(batch) + k * b.rowStride() + j * b.columnStride()]);
          }
        }
      }
    }
    return sums;
  }

  static Sums convolution(Convolution.Shape s, float[] image, float[] weights) {
    Window.Axis h = s.window().height();
    Window.Axis w = s.window().width();
    Sums sums = new Sums(s.batch() * s.groups() * s.features() * s.window().outPlane());
    int o = 0;
    for (int plane = 0; plane < s.batch() * s.groups() * s.features(); plane++) {
      int feature = plane % (s.groups() * s.features());
      int firstChannel = plane / s.features() * s.channels();
      for (int y = 0; y < h.out(); y++) {
        for (int x = 0; x < w.out(); x++, o++) {
          for (int c = 0; c < s.channels(); c++) {
            for (int i = 0; i < h.kernel(); i++) {
              for (int j = 0; j < w.kernel(); j++) {
                int row = y * h.stride() + i * h.dilation() - h.before();
                int column = x * w.stride() + j * w.dilation() - w.before();
                if (row >= 0 && row < h.in() && column >= 0 && column < w.in()) {
                  double v = image[((firstChannel + c) * h.in() + row) * w.in() + column];
                  sums.add(o, v * weights[((feature * s.channels() + c) * h.kernel() + i) * w.kernel() + j]);
                }
              }
            }
          }
        }
      }
    }
    return sums;
  }
}
