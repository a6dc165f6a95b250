package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Gathers a panel of pixels for all taps of a window: the im2col of one tile, never of an image. */
final class PixelGather {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int WIDTH = ColumnPanels.WIDTH;

  private final int[] taps;
  private final int out;
  private final int gap;

  /**
   * @param planes the layout that pixels are read from
   * @param channels planes that one sum runs over
   * @param out outputs in one row of the image
   */
  PixelGather(PhasePlanes planes, int channels, int out) {
    taps = planes.taps(channels);
    this.out = out;
    gap = planes.rowStride() - out;
  }

  /**
   * Writes, for taps {@code k} to {@code k + depth - 1}, the floats that {@code valid} outputs from number {@code pixel}
   * on read, one row of the panel a tap. Columns beyond {@code valid} are left undefined.
   *
   * @param source planes, of which the first channel begins at {@code from}
   * @param panel depth rows
   */
  void gather(float[] source, int from, int k, int depth, int pixel, int valid, float[] panel) {
    int x = pixel % out;
    int base = from + pixel / out * (out + gap) + x;
    int last = base + (x + valid - 1) / out * gap + valid - 1 + taps[k + depth - 1];
    if (last + LANES > source.length) {
      exact(source, base, k, depth, x, valid, panel);
    } else if (valid == WIDTH && (gap == 0 || x + WIDTH <= out)) {
      whole(source, base, k, depth, panel);
    } else {
      runs(source, base, k, depth, x, valid, panel);
    }
  }

  private void whole(float[] source, int base, int k, int depth, float[] panel) {
    int[] shifts = taps;
    for (int j = 0; j < WIDTH; j += 2 * LANES) {
      for (int t = 0, d = j; t < depth; t++, d += WIDTH) {
        int s = base + j + shifts[k + t];
        FloatVector.fromArray(SPECIES, source, s).intoArray(panel, d);
        FloatVector.fromArray(SPECIES, source, s + LANES).intoArray(panel, d + LANES);
      }
    }
  }

  /** One run of neighbouring pixels after the other; what a vector writes too much, the next run overwrites. */
  private void runs(float[] source, int base, int k, int depth, int x, int valid, float[] panel) {
    int s = base;
    int d = 0;
    int run = Math.min(out - x, valid);
    while (d < valid) {
      for (int j = 0; j < run; j += LANES) {
        if (d + j + LANES <= WIDTH) {
          column(source, s + j, k, depth, panel, d + j);
        } else {
          lastColumn(source, s + j, k, depth, panel, d + j);
        }
      }
      s += run + gap;
      d += run;
      run = Math.min(out, valid - d);
    }
  }

  private void column(float[] source, int s, int k, int depth, float[] panel, int d) {
    int[] shifts = taps;
    for (int t = 0, o = d; t < depth; t++, o += WIDTH) {
      FloatVector.fromArray(SPECIES, source, s + shifts[k + t]).intoArray(panel, o);
    }
  }

  /** As {@link #column} where a vector would reach into the next row: it ends with the row and keeps what is there. */
  private void lastColumn(float[] source, int s, int k, int depth, float[] panel, int d) {
    int[] shifts = taps;
    int back = d + LANES - WIDTH;
    VectorMask<Float> keep = VectorMask.fromLong(SPECIES, (1L << back) - 1);
    for (int t = 0, o = WIDTH - LANES; t < depth; t++, o += WIDTH) {
      FloatVector old = FloatVector.fromArray(SPECIES, panel, o);
      FloatVector.fromArray(SPECIES, source, s - back + shifts[k + t]).blend(old, keep).intoArray(panel, o);
    }
  }

  private void exact(float[] source, int base, int k, int depth, int x, int valid, float[] panel) {
    for (int t = 0; t < depth; t++) {
      int s = base + taps[k + t];
      int d = t * WIDTH;
      for (int j = 0, column = x; j < valid; j++, s++) {
        if (column++ == out) {
          column = 1;
          s += gap;
        }
        panel[d + j] = source[s];
      }
    }
  }
}
