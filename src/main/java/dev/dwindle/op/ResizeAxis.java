package dev.dwindle.op;

/**
 * How one axis is resized: output position {@code o} is the sum of the inputs at {@code taps[o]}, weighted by {@code
 * weights[o]}; where that is null, it is the extrapolation value.
 *
 * @param input size before
 * @param output size after
 */
public record ResizeAxis(int input, int output, int[][] taps, double[][] weights) {
  /** The part of the input that is resized, in fractions of its extent less one. */
  record Region(float start, float end) {
    static final Region WHOLE = new Region(0, 1);
  }

  /** The axis for a scale, which need not be {@code output / input} to the last bit. */
  static ResizeAxis of(ResizeAttributes attributes, int input, int output, float scale, Region region) {
    int[][] taps = new int[output][];
    double[][] weights = new double[output][];
    for (int o = 0; o < output; o++) {
      float x = coordinate(attributes.coordinates(), input, output, scale, region, o);
      if (attributes.crops() && (x < 0 || x > input - 1)) {
        continue;
      }
      if (attributes.mode().equals("nearest")) {
        taps[o] = new int[] {Math.clamp(nearest(attributes.nearest(), x, scale), 0, input - 1)};
        weights[o] = new double[] {1};
      } else {
        interpolate(attributes, input, scale, x, o, taps, weights);
      }
    }
    return new ResizeAxis(input, output, taps, weights);
  }

  /** Whether the axis stays as it is. */
  public boolean isIdentity() {
    boolean same = input == output;
    for (int o = 0; o < output && same; o++) {
      same = weights[o] != null && isAlone(o);
    }
    return same;
  }

  /** Whether an output position is the input of the same position, which several taps may stand for. */
  private boolean isAlone(int o) {
    double own = 0;
    for (int i = 0; i < taps[o].length; i++) {
      if (taps[o][i] == o) own += weights[o][i];
      else if (weights[o][i] != 0)
        return false;
    }
    return own == 1;
  }

  /**
   * The input coordinate of an output position, in single precision as ONNX Runtime has it: nearest-neighbour ties fall
   * alike. Source: ONNX, Resize, coordinate_transformation_mode.
   */
  private static float coordinate(String mode, int input, int output, float scale, Region region, int o) {
    // May be a fraction: the node tests of align_corners divide by it, though the text speaks of the length.
    float exact = scale * input;
    return switch (mode) {
      case "half_pixel" -> (o + 0.5f) / scale - 0.5f;
      case "half_pixel_symmetric" -> input / 2f * (1 - output / exact) + (o + 0.5f) / scale - 0.5f;
      case "pytorch_half_pixel" -> output > 1 ? (o + 0.5f) / scale - 0.5f : 0;
      case "tf_half_pixel_for_nn" -> (o + 0.5f) / scale;
      case "align_corners" -> exact > 1 ? o * (input - 1) / (exact - 1) : 0;
      case "tf_crop_and_resize" -> output > 1
          ? region.start() * (input - 1) + o * (region.end() - region.start()) * (input - 1) / (output - 1)
          : 0.5f * (region.start() + region.end()) * (input - 1);
      default -> o / scale;
    };
  }

  private static int nearest(String mode, float x, float scale) {
    return (int) switch (mode) {
      case "simple" -> scale < 1 ? Math.ceil(x) : Math.floor(x);
      case "floor" -> Math.floor(x);
      case "ceil" -> Math.ceil(x);
      case "round_prefer_ceil" -> Math.floor(x + 0.5f);
      default -> Math.ceil(x - 0.5f);
    };
  }

  private static void interpolate(ResizeAttributes attributes, int input, double scale, double x, int o, int[][] taps,
      double[][] weights) {
    boolean cubic = attributes.mode().equals("cubic");
    double narrow = attributes.antialias() ? Math.min(scale, 1) : 1;
    int base = (int) Math.floor(x);
    int first = (int) Math.floor((cubic ? -2 : -1) / narrow) + 1;
    int count = 2 - 2 * first;
    taps[o] = new int[count];
    weights[o] = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      int at = base + first + i;
      double distance = Math.abs(at - x) * narrow;
      boolean outside = at < 0 || at >= input;
      double weight = cubic ? cubic(attributes.cubicCoefficient(), distance) : Math.max(0, 1 - distance);
      taps[o][i] = Math.clamp(at, 0, input - 1);
      weights[o][i] = outside && attributes.excludeOutside() ? 0 : weight;
      sum += weights[o][i];
    }
    for (int i = 0; i < count && (attributes.antialias() || attributes.excludeOutside()); i++) {
      weights[o][i] /= sum;
    }
  }

  /** The cubic convolution kernel (Keys, 1981, equation 4). */
  static double cubic(double a, double distance) {
    if (distance <= 1) {
      return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
    }
    return distance < 2 ? ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a : 0;
  }
}
