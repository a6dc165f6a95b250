package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The tile for 32 registers of 128 bits: 6 rows of four vectors, 24 sums. */
final class Tile6x4 extends Tile {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  Tile6x4() {
    super(4 * LANES, 6, 2);
  }

  @Override
  void multiply(int height, int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
    switch (height) {
      case 6 -> rows6(depth, a, ao, b, bo, c, co, ldc);
      case 2 -> rows2(depth, a, ao, b, bo, c, co, ldc);
      default -> throw new IllegalArgumentException("tile of " + height + " rows");
    }
  }

  @Override
  void multiplyRows(int height, int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
    switch (height) {
      case 6 -> Tile6x4Rows.rows6(depth, a, ao, lda, b, bo, c, co, ldc);
      case 2 -> Tile6x4Rows.rows2(depth, a, ao, lda, b, bo, c, co, ldc);
      default -> throw new IllegalArgumentException("tile of " + height + " rows");
    }
  }

  private static void rows6(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
    FloatVector c0a = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c0b = FloatVector.fromArray(SPECIES, c, co + LANES);
    FloatVector c0c = FloatVector.fromArray(SPECIES, c, co + 2 * LANES);
    FloatVector c0d = FloatVector.fromArray(SPECIES, c, co + 3 * LANES);
    FloatVector c1a = FloatVector.fromArray(SPECIES, c, co + ldc);
    FloatVector c1b = FloatVector.fromArray(SPECIES, c, co + ldc + LANES);
    FloatVector c1c = FloatVector.fromArray(SPECIES, c, co + ldc + 2 * LANES);
    FloatVector c1d = FloatVector.fromArray(SPECIES, c, co + ldc + 3 * LANES);
    FloatVector c2a = FloatVector.fromArray(SPECIES, c, co + 2 * ldc);
    FloatVector c2b = FloatVector.fromArray(SPECIES, c, co + 2 * ldc + LANES);
    FloatVector c2c = FloatVector.fromArray(SPECIES, c, co + 2 * ldc + 2 * LANES);
    FloatVector c2d = FloatVector.fromArray(SPECIES, c, co + 2 * ldc + 3 * LANES);
    FloatVector c3a = FloatVector.fromArray(SPECIES, c, co + 3 * ldc);
    FloatVector c3b = FloatVector.fromArray(SPECIES, c, co + 3 * ldc + LANES);
    FloatVector c3c = FloatVector.fromArray(SPECIES, c, co + 3 * ldc + 2 * LANES);
    FloatVector c3d = FloatVector.fromArray(SPECIES, c, co + 3 * ldc + 3 * LANES);
    FloatVector c4a = FloatVector.fromArray(SPECIES, c, co + 4 * ldc);
    FloatVector c4b = FloatVector.fromArray(SPECIES, c, co + 4 * ldc + LANES);
    FloatVector c4c = FloatVector.fromArray(SPECIES, c, co + 4 * ldc + 2 * LANES);
    FloatVector c4d = FloatVector.fromArray(SPECIES, c, co + 4 * ldc + 3 * LANES);
    FloatVector c5a = FloatVector.fromArray(SPECIES, c, co + 5 * ldc);
    FloatVector c5b = FloatVector.fromArray(SPECIES, c, co + 5 * ldc + LANES);
    FloatVector c5c = FloatVector.fromArray(SPECIES, c, co + 5 * ldc + 2 * LANES);
    FloatVector c5d = FloatVector.fromArray(SPECIES, c, co + 5 * ldc + 3 * LANES);
    for (int k = 0, i = ao, o = bo; k < depth; k++, i += 6, o += 4 * LANES) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, o);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, o + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, o + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, o + 3 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[i]);
      c0a = a0.fma(b0, c0a);
      c0b = a0.fma(b1, c0b);
      c0c = a0.fma(b2, c0c);
      c0d = a0.fma(b3, c0d);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[i + 1]);
      c1a = a1.fma(b0, c1a);
      c1b = a1.fma(b1, c1b);
      c1c = a1.fma(b2, c1c);
      c1d = a1.fma(b3, c1d);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[i + 2]);
      c2a = a2.fma(b0, c2a);
      c2b = a2.fma(b1, c2b);
      c2c = a2.fma(b2, c2c);
      c2d = a2.fma(b3, c2d);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[i + 3]);
      c3a = a3.fma(b0, c3a);
      c3b = a3.fma(b1, c3b);
      c3c = a3.fma(b2, c3c);
      c3d = a3.fma(b3, c3d);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[i + 4]);
      c4a = a4.fma(b0, c4a);
      c4b = a4.fma(b1, c4b);
      c4c = a4.fma(b2, c4c);
      c4d = a4.fma(b3, c4d);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[i + 5]);
      c5a = a5.fma(b0, c5a);
      c5b = a5.fma(b1, c5b);
      c5c = a5.fma(b2, c5c);
      c5d = a5.fma(b3, c5d);
    }
    c0a.intoArray(c, co);
    c0b.intoArray(c, co + LANES);
    c0c.intoArray(c, co + 2 * LANES);
    c0d.intoArray(c, co + 3 * LANES);
    c1a.intoArray(c, co + ldc);
    c1b.intoArray(c, co + ldc + LANES);
    c1c.intoArray(c, co + ldc + 2 * LANES);
    c1d.intoArray(c, co + ldc + 3 * LANES);
    c2a.intoArray(c, co + 2 * ldc);
    c2b.intoArray(c, co + 2 * ldc + LANES);
    c2c.intoArray(c, co + 2 * ldc + 2 * LANES);
    c2d.intoArray(c, co + 2 * ldc + 3 * LANES);
    c3a.intoArray(c, co + 3 * ldc);
    c3b.intoArray(c, co + 3 * ldc + LANES);
    c3c.intoArray(c, co + 3 * ldc + 2 * LANES);
    c3d.intoArray(c, co + 3 * ldc + 3 * LANES);
    c4a.intoArray(c, co + 4 * ldc);
    c4b.intoArray(c, co + 4 * ldc + LANES);
    c4c.intoArray(c, co + 4 * ldc + 2 * LANES);
    c4d.intoArray(c, co + 4 * ldc + 3 * LANES);
    c5a.intoArray(c, co + 5 * ldc);
    c5b.intoArray(c, co + 5 * ldc + LANES);
    c5c.intoArray(c, co + 5 * ldc + 2 * LANES);
    c5d.intoArray(c, co + 5 * ldc + 3 * LANES);
  }

  private static void rows2(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
    FloatVector c0a = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c0b = FloatVector.fromArray(SPECIES, c, co + LANES);
    FloatVector c0c = FloatVector.fromArray(SPECIES, c, co + 2 * LANES);
    FloatVector c0d = FloatVector.fromArray(SPECIES, c, co + 3 * LANES);
    FloatVector c1a = FloatVector.fromArray(SPECIES, c, co + ldc);
    FloatVector c1b = FloatVector.fromArray(SPECIES, c, co + ldc + LANES);
    FloatVector c1c = FloatVector.fromArray(SPECIES, c, co + ldc + 2 * LANES);
    FloatVector c1d = FloatVector.fromArray(SPECIES, c, co + ldc + 3 * LANES);
    for (int k = 0, i = ao, o = bo; k < depth; k++, i += 2, o += 4 * LANES) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, o);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, o + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, o + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, o + 3 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[i]);
      c0a = a0.fma(b0, c0a);
      c0b = a0.fma(b1, c0b);
      c0c = a0.fma(b2, c0c);
      c0d = a0.fma(b3, c0d);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[i + 1]);
      c1a = a1.fma(b0, c1a);
      c1b = a1.fma(b1, c1b);
      c1c = a1.fma(b2, c1c);
      c1d = a1.fma(b3, c1d);
    }
    c0a.intoArray(c, co);
    c0b.intoArray(c, co + LANES);
    c0c.intoArray(c, co + 2 * LANES);
    c0d.intoArray(c, co + 3 * LANES);
    c1a.intoArray(c, co + ldc);
    c1b.intoArray(c, co + ldc + LANES);
    c1c.intoArray(c, co + ldc + 2 * LANES);
    c1d.intoArray(c, co + ldc + 3 * LANES);
  }
}
