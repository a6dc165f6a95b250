package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Gathers a panel of pixels for all taps of a window: the im2col of one tile, never of an image. */
final class PixelGather {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int WIDTH = ColumnPanels.WIDTH;

  private PixelGather() {}

  /**
   * Writes, for taps {@code k} to {@code k + depth - 1}, the floats that {@code valid} outputs from
   * number {@code pixel} on read, one row of the panel a tap. Columns beyond {@code valid} are left
   * undefined.
   *
   * @param source planes of which output (y, x) reads {@code from + y * stride + x + taps[k]}
   * @param out outputs in one row of the image
   * @param panel depth rows, and room for one vector more
   */
  static void gather(
      float[] source,
      int from,
      int[] taps,
      int k,
      int depth,
      int pixel,
      int valid,
      int out,
      int stride,
      float[] panel) {
    int x = pixel % out;
    int base = from + pixel / out * stride + x;
    int last = base + (x + valid - 1) / out * (stride - out) + valid - 1 + taps[k + depth - 1];
    if (x + valid <= out && valid == WIDTH) {
      contiguous(source, base, taps, k, depth, panel);
    } else if (last + LANES <= source.length) {
      rows(source, base, taps, k, depth, x, valid, out, stride - out, panel);
    } else {
      exact(source, base, taps, k, depth, x, valid, out, stride - out, panel);
    }
  }

  private static void contiguous(
      float[] source, int base, int[] taps, int k, int depth, float[] panel) {
    for (int t = 0, d = 0; t < depth; t++) {
      int s = base + taps[k + t];
      for (int j = 0; j < WIDTH; j += LANES, d += LANES) {
        FloatVector.fromArray(SPECIES, source, s + j).intoArray(panel, d);
      }
    }
  }

  /** Whole vectors throughout: what one writes too much, the next row of the panel overwrites. */
  private static void rows(
      float[] source,
      int base,
      int[] taps,
      int k,
      int depth,
      int x,
      int valid,
      int out,
      int gap,
      float[] panel) {
    for (int t = 0; t < depth; t++) {
      int s = base + taps[k + t];
      int d = t * WIDTH;
      int end = d + valid;
      int run = Math.min(out - x, valid);
      while (d < end) {
        for (int j = 0; j < run; j += LANES) {
          FloatVector.fromArray(SPECIES, source, s + j).intoArray(panel, d + j);
        }
        s += run + gap;
        d += run;
        run = Math.min(out, end - d);
      }
    }
  }

  private static void exact(
      float[] source,
      int base,
      int[] taps,
      int k,
      int depth,
      int x,
      int valid,
      int out,
      int gap,
      float[] panel) {
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
