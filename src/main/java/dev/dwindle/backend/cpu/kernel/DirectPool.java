package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * A pool whose windows all lie within the plane, straight from the plane: squares of two with vectors, what a vector
 * would be too wide for window by window. Of a maximum, a NaN wins.
 */
public final class DirectPool {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final VectorShuffle<Float> EVEN = SPECIES.shuffleFromOp(i -> 2 * i % LANES);
  private static final VectorShuffle<Float> ODD = SPECIES.shuffleFromOp(i -> (2 * i + 1) % LANES);
  private static final VectorMask<Float> UPPER = VectorMask.fromLong(SPECIES, -1L << LANES / 2);

  private final boolean max;
  private final Window.Axis rows;
  private final Window.Axis columns;

  public DirectPool(boolean max, Window window) {
    this.max = max;
    rows = window.height();
    columns = window.width();
  }

  /** Whether this way is open to a window, and faster than going over whole rows. */
  public static boolean pays(Window window) {
    boolean within = isWithin(window.height()) && isWithin(window.width());
    return within && (isPair(window.height()) && isPair(window.width()) || window.width().out() < 8);
  }

  private static boolean isWithin(Window.Axis axis) {
    return axis.before() == 0 && axis.dilation() == 1
        && (axis.out() - 1) * axis.stride() + axis.kernel() <= axis.in();
  }

  private static boolean isPair(Window.Axis axis) {
    return axis.kernel() == 2 && axis.stride() == 2;
  }

  /** Reduces the plane at {@code xo} to the one at {@code yo}; writes nothing around it. */
  public void run(float[] x, int xo, float[] y, int yo) {
    int row = 0;
    if (isPair(rows) && isPair(columns) && !Tile.BRIEF) {
      row = wholeRows(x.length - xo);
      if (max) {
        largest(x, xo, y, yo, row);
      } else {
        means(x, xo, y, yo, row);
      }
    }
    if (isPair(rows) && isPair(columns)) {
      pairs(x, xo, y, yo, row);
      return;
    }
    for (; row < rows.out(); row++) {
      int from = xo + row * rows.stride() * columns.in();
      for (int column = 0; column < columns.out(); column++) {
        y[yo + row * columns.out() + column] = window(x, from + column * columns.stride());
      }
    }
  }

  /** Rows whose last vector stays within the plane of results and the array: the next row overwrites its surplus. */
  private int wholeRows(int readable) {
    int reach = (columns.out() + LANES - 1) / LANES * LANES;
    int spare = rows.out() * columns.out() - reach;
    int spareInput = readable - columns.in() - 2 * reach;
    return spare < 0 || spareInput < 0 ? 0
        : Math.min(rows.out(), 1 + Math.min(spare / columns.out(), spareInput / (2 * columns.in())));
  }

  private void largest(float[] x, int xo, float[] y, int yo, int count) {
    for (int row = 0; row < count; row++) {
      int upper = xo + 2 * row * columns.in();
      int lower = upper + columns.in();
      int to = yo + row * columns.out();
      for (int i = 0; i < columns.out(); i += LANES, upper += 2 * LANES, lower += 2 * LANES) {
        FloatVector a = load(x, upper).max(load(x, lower));
        FloatVector b = load(x, upper + LANES).max(load(x, lower + LANES));
        even(a, b).max(odd(a, b)).intoArray(y, to + i);
      }
    }
  }

  private void means(float[] x, int xo, float[] y, int yo, int count) {
    for (int row = 0; row < count; row++) {
      int upper = xo + 2 * row * columns.in();
      int lower = upper + columns.in();
      int to = yo + row * columns.out();
      for (int i = 0; i < columns.out(); i += LANES, upper += 2 * LANES, lower += 2 * LANES) {
        FloatVector a = load(x, upper).add(load(x, lower));
        FloatVector b = load(x, upper + LANES).add(load(x, lower + LANES));
        even(a, b).add(odd(a, b)).mul(0.25f).intoArray(y, to + i);
      }
    }
  }

  /** The rows from {@code row} on, in plain loops: what is left over, or all in a process that ends before vectors would pay. */
  private void pairs(float[] x, int xo, float[] y, int yo, int row) {
    for (; row < rows.out(); row++) {
      int upper = xo + 2 * row * columns.in();
      int to = yo + row * columns.out();
      if (max) {
        largest(x, upper, upper + columns.in(), y, to, columns.out());
      } else {
        means(x, upper, upper + columns.in(), y, to, columns.out());
      }
    }
  }

  private static void largest(float[] x, int upper, int lower, float[] y, int to, int n) {
    for (int i = 0; i < n; i++) {
      int j = 2 * i;
      y[to + i] = Math.max(Math.max(x[upper + j], x[lower + j]), Math.max(x[upper + j + 1], x[lower + j + 1]));
    }
  }

  private static void means(float[] x, int upper, int lower, float[] y, int to, int n) {
    for (int i = 0; i < n; i++) {
      int j = 2 * i;
      y[to + i] = ((x[upper + j] + x[lower + j]) + (x[upper + j + 1] + x[lower + j + 1])) * 0.25f;
    }
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(SPECIES, x, at);
  }

  private static FloatVector even(FloatVector a, FloatVector b) {
    return a.rearrange(EVEN).blend(b.rearrange(EVEN), UPPER);
  }

  private static FloatVector odd(FloatVector a, FloatVector b) {
    return a.rearrange(ODD).blend(b.rearrange(ODD), UPPER);
  }

  private float window(float[] x, int from) {
    float most = Float.NEGATIVE_INFINITY;
    float sum = 0;
    for (int i = 0; i < rows.kernel(); i++) {
      int at = from + i * columns.in();
      for (int j = 0; j < columns.kernel(); j++) {
        most = Math.max(most, x[at + j]);
        sum += x[at + j];
      }
    }
    return max ? most : sum / (rows.kernel() * columns.kernel());
  }
}
