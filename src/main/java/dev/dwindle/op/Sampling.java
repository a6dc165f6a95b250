package dev.dwindle.op;

/** Interpolated reading of planes at one position after another, whose coordinates run from -1 to 1 on each axis. */
final class Sampling {
  private static final double CUBIC = -0.75;

  private final int[] sizes;
  private final String mode;
  private final String padding;
  private final boolean align;
  private final int taps;
  private final int[][] indices;
  private final double[][] weights;

  Sampling(int[] sizes, String mode, String padding, boolean align) {
    this.sizes = sizes;
    this.mode = mode;
    this.padding = padding;
    this.align = align;
    this.taps = mode.equals("nearest") ? 1 : mode.equals("linear") ? 2 : 4;
    this.indices = new int[sizes.length][taps];
    this.weights = new double[sizes.length][taps];
  }

  /** Chooses the position that {@link #read} reads: one coordinate for each axis, outermost first. */
  void moveTo(double[] position) {
    for (int axis = 0; axis < sizes.length; axis++) {
      int size = sizes[axis];
      double low = align ? 0 : -0.5;
      double high = align ? size - 1 : size - 0.5;
      double x = align ? (position[axis] + 1) / 2 * (size - 1) : ((position[axis] + 1) * size - 1) / 2;
      x = taps == 1 ? Math.rint(x) : x;
      // The taps of a cubic are brought inside one by one, so that its weights stay those of the true position.
      if (taps < 4 && (x < low || x > high)) {
        x = padding.equals("border") ? Math.clamp(x, 0, size - 1)
            : padding.equals("reflection") ? reflect(x, low, high) : x;
      }
      int first = (int) Math.floor(x) - (taps == 4 ? 1 : 0);
      for (int i = 0; i < taps; i++) {
        weights[axis][i] = weight(Math.abs(first + i - x));
        indices[axis][i] = index(first + i, size, low, high);
      }
    }
  }

  /** The plane's value at the position. */
  double read(double[] x, int from) {
    return read(x, from, 0, 0);
  }

  private double read(double[] x, int from, int offset, int axis) {
    if (axis == sizes.length) {
      return x[from + offset];
    }
    double sum = 0;
    for (int i = 0; i < taps; i++) {
      if (indices[axis][i] >= 0 && weights[axis][i] != 0) {
        sum += weights[axis][i] * read(x, from, offset * sizes[axis] + indices[axis][i], axis + 1);
      }
    }
    return sum;
  }

  private double weight(double distance) {
    return switch (mode) {
      case "nearest" -> 1;
      case "linear" -> Math.max(0, 1 - distance);
      default -> ResizeAxis.cubic(CUBIC, distance);
    };
  }

  /** The index that stands for one that may lie outside; -1 for a zero. */
  private int index(int at, int size, double low, double high) {
    if (at >= 0 && at < size) {
      return at;
    }
    return switch (padding) {
      case "border" -> Math.clamp(at, 0, size - 1);
      case "reflection" -> (int) reflect(at, low, high);
      default -> -1;
    };
  }

  private static double reflect(double x, double low, double high) {
    double range = high - low;
    if (range <= 0) {
      return low;
    }
    double beyond = x < low ? low - x : x > high ? x - high : 0;
    double rest = beyond % range;
    boolean back = (long) (beyond / range) % 2 == 1;
    if (x < low) {
      return back ? high - rest : low + rest;
    }
    return x > high ? back ? low + rest : high - rest : x;
  }
}
