package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of rows with rows, both along the sum, as gradients of weights are: {@code s[r][c][lane] += sum over k of y[r][k] * x[c][k]}, where lane
 * {@code k} modulo the lanes of a vector takes term {@code k}. Three columns and as many rows as there are registers for.
 */
final class DotTile {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** Columns of a tile. */
  static final int COLUMNS = 3;

  private static final int TALLEST = Machine.current().registers() < 32 ? 4 : 8;

  private DotTile() {}

  /** The rows of the next tile where so many are left. */
  static int height(int rows) {
    return rows >= TALLEST ? TALLEST : Integer.highestOneBit(rows);
  }

  /**
   * Adds the products of {@code rows} rows with three columns.
   *
   * @param rows what {@link #height} gave
   * @param depth length of the sum, a multiple of the lanes of a vector
   * @param y rows, {@code stepY} apart
   * @param x columns, {@code stepX} apart
   * @param s sums: three vectors a row, {@code stepS} floats from row to row
   */
  static void multiply(int rows, int depth, float[] y, int yo, int stepY, float[] x, int xo, int stepX, float[] s,
      int so, int stepS) {
    switch (rows) {
      case 8 -> rows8(depth, y, yo, stepY, x, xo, stepX, s, so, stepS);
      case 4 -> rows4(depth, y, yo, stepY, x, xo, stepX, s, so, stepS);
      case 2 -> rows2(depth, y, yo, stepY, x, xo, stepX, s, so, stepS);
      default -> rows1(depth, y, yo, stepY, x, xo, stepX, s, so, stepS);
    }
  }

  private static void rows8(int depth, float[] y, int yo, int stepY, float[] x, int xo, int stepX, float[] s, int so,
      int stepS) {
    FloatVector s0a = FloatVector.fromArray(SPECIES, s, so);
    FloatVector s0b = FloatVector.fromArray(SPECIES, s, so + LANES);
    FloatVector s0c = FloatVector.fromArray(SPECIES, s, so + 2 * LANES);
    FloatVector s1a = FloatVector.fromArray(SPECIES, s, so + stepS);
    FloatVector s1b = FloatVector.fromArray(SPECIES, s, so + stepS + LANES);
    FloatVector s1c = FloatVector.fromArray(SPECIES, s, so + stepS + 2 * LANES);
    FloatVector s2a = FloatVector.fromArray(SPECIES, s, so + 2 * stepS);
    FloatVector s2b = FloatVector.fromArray(SPECIES, s, so + 2 * stepS + LANES);
    FloatVector s2c = FloatVector.fromArray(SPECIES, s, so + 2 * stepS + 2 * LANES);
    FloatVector s3a = FloatVector.fromArray(SPECIES, s, so + 3 * stepS);
    FloatVector s3b = FloatVector.fromArray(SPECIES, s, so + 3 * stepS + LANES);
    FloatVector s3c = FloatVector.fromArray(SPECIES, s, so + 3 * stepS + 2 * LANES);
    FloatVector s4a = FloatVector.fromArray(SPECIES, s, so + 4 * stepS);
    FloatVector s4b = FloatVector.fromArray(SPECIES, s, so + 4 * stepS + LANES);
    FloatVector s4c = FloatVector.fromArray(SPECIES, s, so + 4 * stepS + 2 * LANES);
    FloatVector s5a = FloatVector.fromArray(SPECIES, s, so + 5 * stepS);
    FloatVector s5b = FloatVector.fromArray(SPECIES, s, so + 5 * stepS + LANES);
    FloatVector s5c = FloatVector.fromArray(SPECIES, s, so + 5 * stepS + 2 * LANES);
    FloatVector s6a = FloatVector.fromArray(SPECIES, s, so + 6 * stepS);
    FloatVector s6b = FloatVector.fromArray(SPECIES, s, so + 6 * stepS + LANES);
    FloatVector s6c = FloatVector.fromArray(SPECIES, s, so + 6 * stepS + 2 * LANES);
    FloatVector s7a = FloatVector.fromArray(SPECIES, s, so + 7 * stepS);
    FloatVector s7b = FloatVector.fromArray(SPECIES, s, so + 7 * stepS + LANES);
    FloatVector s7c = FloatVector.fromArray(SPECIES, s, so + 7 * stepS + 2 * LANES);
    for (int k = 0; k < depth; k += LANES) {
      FloatVector xa = FloatVector.fromArray(SPECIES, x, xo + k);
      FloatVector xb = FloatVector.fromArray(SPECIES, x, xo + k + stepX);
      FloatVector xc = FloatVector.fromArray(SPECIES, x, xo + k + 2 * stepX);
      FloatVector y0 = FloatVector.fromArray(SPECIES, y, yo + k);
      s0a = y0.fma(xa, s0a);
      s0b = y0.fma(xb, s0b);
      s0c = y0.fma(xc, s0c);
      FloatVector y1 = FloatVector.fromArray(SPECIES, y, yo + k + stepY);
      s1a = y1.fma(xa, s1a);
      s1b = y1.fma(xb, s1b);
      s1c = y1.fma(xc, s1c);
      FloatVector y2 = FloatVector.fromArray(SPECIES, y, yo + k + 2 * stepY);
      s2a = y2.fma(xa, s2a);
      s2b = y2.fma(xb, s2b);
      s2c = y2.fma(xc, s2c);
      FloatVector y3 = FloatVector.fromArray(SPECIES, y, yo + k + 3 * stepY);
      s3a = y3.fma(xa, s3a);
      s3b = y3.fma(xb, s3b);
      s3c = y3.fma(xc, s3c);
      FloatVector y4 = FloatVector.fromArray(SPECIES, y, yo + k + 4 * stepY);
      s4a = y4.fma(xa, s4a);
      s4b = y4.fma(xb, s4b);
      s4c = y4.fma(xc, s4c);
      FloatVector y5 = FloatVector.fromArray(SPECIES, y, yo + k + 5 * stepY);
      s5a = y5.fma(xa, s5a);
      s5b = y5.fma(xb, s5b);
      s5c = y5.fma(xc, s5c);
      FloatVector y6 = FloatVector.fromArray(SPECIES, y, yo + k + 6 * stepY);
      s6a = y6.fma(xa, s6a);
      s6b = y6.fma(xb, s6b);
      s6c = y6.fma(xc, s6c);
      FloatVector y7 = FloatVector.fromArray(SPECIES, y, yo + k + 7 * stepY);
      s7a = y7.fma(xa, s7a);
      s7b = y7.fma(xb, s7b);
      s7c = y7.fma(xc, s7c);
    }
    s0a.intoArray(s, so);
    s0b.intoArray(s, so + LANES);
    s0c.intoArray(s, so + 2 * LANES);
    s1a.intoArray(s, so + stepS);
    s1b.intoArray(s, so + stepS + LANES);
    s1c.intoArray(s, so + stepS + 2 * LANES);
    s2a.intoArray(s, so + 2 * stepS);
    s2b.intoArray(s, so + 2 * stepS + LANES);
    s2c.intoArray(s, so + 2 * stepS + 2 * LANES);
    s3a.intoArray(s, so + 3 * stepS);
    s3b.intoArray(s, so + 3 * stepS + LANES);
    s3c.intoArray(s, so + 3 * stepS + 2 * LANES);
    s4a.intoArray(s, so + 4 * stepS);
    s4b.intoArray(s, so + 4 * stepS + LANES);
    s4c.intoArray(s, so + 4 * stepS + 2 * LANES);
    s5a.intoArray(s, so + 5 * stepS);
    s5b.intoArray(s, so + 5 * stepS + LANES);
    s5c.intoArray(s, so + 5 * stepS + 2 * LANES);
    s6a.intoArray(s, so + 6 * stepS);
    s6b.intoArray(s, so + 6 * stepS + LANES);
    s6c.intoArray(s, so + 6 * stepS + 2 * LANES);
    s7a.intoArray(s, so + 7 * stepS);
    s7b.intoArray(s, so + 7 * stepS + LANES);
    s7c.intoArray(s, so + 7 * stepS + 2 * LANES);
  }

  private static void rows4(int depth, float[] y, int yo, int stepY, float[] x, int xo, int stepX, float[] s, int so,
      int stepS) {
    FloatVector s0a = FloatVector.fromArray(SPECIES, s, so);
    FloatVector s0b = FloatVector.fromArray(SPECIES, s, so + LANES);
    FloatVector s0c = FloatVector.fromArray(SPECIES, s, so + 2 * LANES);
    FloatVector s1a = FloatVector.fromArray(SPECIES, s, so + stepS);
    FloatVector s1b = FloatVector.fromArray(SPECIES, s, so + stepS + LANES);
    FloatVector s1c = FloatVector.fromArray(SPECIES, s, so + stepS + 2 * LANES);
    FloatVector s2a = FloatVector.fromArray(SPECIES, s, so + 2 * stepS);
    FloatVector s2b = FloatVector.fromArray(SPECIES, s, so + 2 * stepS + LANES);
    FloatVector s2c = FloatVector.fromArray(SPECIES, s, so + 2 * stepS + 2 * LANES);
    FloatVector s3a = FloatVector.fromArray(SPECIES, s, so + 3 * stepS);
    FloatVector s3b = FloatVector.fromArray(SPECIES, s, so + 3 * stepS + LANES);
    FloatVector s3c = FloatVector.fromArray(SPECIES, s, so + 3 * stepS + 2 * LANES);
    for (int k = 0; k < depth; k += LANES) {
      FloatVector xa = FloatVector.fromArray(SPECIES, x, xo + k);
      FloatVector xb = FloatVector.fromArray(SPECIES, x, xo + k + stepX);
      FloatVector xc = FloatVector.fromArray(SPECIES, x, xo + k + 2 * stepX);
      FloatVector y0 = FloatVector.fromArray(SPECIES, y, yo + k);
      s0a = y0.fma(xa, s0a);
      s0b = y0.fma(xb, s0b);
      s0c = y0.fma(xc, s0c);
      FloatVector y1 = FloatVector.fromArray(SPECIES, y, yo + k + stepY);
      s1a = y1.fma(xa, s1a);
      s1b = y1.fma(xb, s1b);
      s1c = y1.fma(xc, s1c);
      FloatVector y2 = FloatVector.fromArray(SPECIES, y, yo + k + 2 * stepY);
      s2a = y2.fma(xa, s2a);
      s2b = y2.fma(xb, s2b);
      s2c = y2.fma(xc, s2c);
      FloatVector y3 = FloatVector.fromArray(SPECIES, y, yo + k + 3 * stepY);
      s3a = y3.fma(xa, s3a);
      s3b = y3.fma(xb, s3b);
      s3c = y3.fma(xc, s3c);
    }
    s0a.intoArray(s, so);
    s0b.intoArray(s, so + LANES);
    s0c.intoArray(s, so + 2 * LANES);
    s1a.intoArray(s, so + stepS);
    s1b.intoArray(s, so + stepS + LANES);
    s1c.intoArray(s, so + stepS + 2 * LANES);
    s2a.intoArray(s, so + 2 * stepS);
    s2b.intoArray(s, so + 2 * stepS + LANES);
    s2c.intoArray(s, so + 2 * stepS + 2 * LANES);
    s3a.intoArray(s, so + 3 * stepS);
    s3b.intoArray(s, so + 3 * stepS + LANES);
    s3c.intoArray(s, so + 3 * stepS + 2 * LANES);
  }

  private static void rows2(int depth, float[] y, int yo, int stepY, float[] x, int xo, int stepX, float[] s, int so,
      int stepS) {
    FloatVector s0a = FloatVector.fromArray(SPECIES, s, so);
    FloatVector s0b = FloatVector.fromArray(SPECIES, s, so + LANES);
    FloatVector s0c = FloatVector.fromArray(SPECIES, s, so + 2 * LANES);
    FloatVector s1a = FloatVector.fromArray(SPECIES, s, so + stepS);
    FloatVector s1b = FloatVector.fromArray(SPECIES, s, so + stepS + LANES);
    FloatVector s1c = FloatVector.fromArray(SPECIES, s, so + stepS + 2 * LANES);
    for (int k = 0; k < depth; k += LANES) {
      FloatVector xa = FloatVector.fromArray(SPECIES, x, xo + k);
      FloatVector xb = FloatVector.fromArray(SPECIES, x, xo + k + stepX);
      FloatVector xc = FloatVector.fromArray(SPECIES, x, xo + k + 2 * stepX);
      FloatVector y0 = FloatVector.fromArray(SPECIES, y, yo + k);
      s0a = y0.fma(xa, s0a);
      s0b = y0.fma(xb, s0b);
      s0c = y0.fma(xc, s0c);
      FloatVector y1 = FloatVector.fromArray(SPECIES, y, yo + k + stepY);
      s1a = y1.fma(xa, s1a);
      s1b = y1.fma(xb, s1b);
      s1c = y1.fma(xc, s1c);
    }
    s0a.intoArray(s, so);
    s0b.intoArray(s, so + LANES);
    s0c.intoArray(s, so + 2 * LANES);
    s1a.intoArray(s, so + stepS);
    s1b.intoArray(s, so + stepS + LANES);
    s1c.intoArray(s, so + stepS + 2 * LANES);
  }

  private static void rows1(int depth, float[] y, int yo, int stepY, float[] x, int xo, int stepX, float[] s, int so,
      int stepS) {
    FloatVector s0a = FloatVector.fromArray(SPECIES, s, so);
    FloatVector s0b = FloatVector.fromArray(SPECIES, s, so + LANES);
    FloatVector s0c = FloatVector.fromArray(SPECIES, s, so + 2 * LANES);
    for (int k = 0; k < depth; k += LANES) {
      FloatVector xa = FloatVector.fromArray(SPECIES, x, xo + k);
      FloatVector xb = FloatVector.fromArray(SPECIES, x, xo + k + stepX);
      FloatVector xc = FloatVector.fromArray(SPECIES, x, xo + k + 2 * stepX);
      FloatVector y0 = FloatVector.fromArray(SPECIES, y, yo + k);
      s0a = y0.fma(xa, s0a);
      s0b = y0.fma(xb, s0b);
      s0c = y0.fma(xc, s0c);
    }
    s0a.intoArray(s, so);
    s0b.intoArray(s, so + LANES);
    s0c.intoArray(s, so + 2 * LANES);
  }
}
