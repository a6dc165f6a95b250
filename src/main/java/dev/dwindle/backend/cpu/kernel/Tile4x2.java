package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The tile for 16 vector registers: 4 rows of two vectors, 8 sums. Six rows would spill. */
final class Tile4x2 extends Tile {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  Tile4x2() {
    super(2 * LANES, 4);
  }

  @Override
  void multiply(int height, int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
    switch (height) {
      case 4 -> rows4(depth, a, ao, b, bo, c, co, ldc);
      default -> throw new IllegalArgumentException("tile of " + height + " rows");
    }
  }

  @Override
  void multiplyRows(int height, int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
    switch (height) {
      case 4 -> Tile4x2Rows.rows4(depth, a, ao, lda, b, bo, c, co, ldc);
      default -> throw new IllegalArgumentException("tile of " + height + " rows");
    }
  }

  private static void rows4(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
    FloatVector c0a = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c0b = FloatVector.fromArray(SPECIES, c, co + LANES);
    FloatVector c1a = FloatVector.fromArray(SPECIES, c, co + ldc);
    FloatVector c1b = FloatVector.fromArray(SPECIES, c, co + ldc + LANES);
    FloatVector c2a = FloatVector.fromArray(SPECIES, c, co + 2 * ldc);
    FloatVector c2b = FloatVector.fromArray(SPECIES, c, co + 2 * ldc + LANES);
    FloatVector c3a = FloatVector.fromArray(SPECIES, c, co + 3 * ldc);
    FloatVector c3b = FloatVector.fromArray(SPECIES, c, co + 3 * ldc + LANES);
    for (int k = 0, i = ao, o = bo; k < depth; k++, i += 4, o += 2 * LANES) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, o);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, o + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[i]);
      c0a = a0.fma(b0, c0a);
      c0b = a0.fma(b1, c0b);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[i + 1]);
      c1a = a1.fma(b0, c1a);
      c1b = a1.fma(b1, c1b);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[i + 2]);
      c2a = a2.fma(b0, c2a);
      c2b = a2.fma(b1, c2b);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[i + 3]);
      c3a = a3.fma(b0, c3a);
      c3b = a3.fma(b1, c3b);
    }
    c0a.intoArray(c, co);
    c0b.intoArray(c, co + LANES);
    c1a.intoArray(c, co + ldc);
    c1b.intoArray(c, co + ldc + LANES);
    c2a.intoArray(c, co + 2 * ldc);
    c2b.intoArray(c, co + 2 * ldc + LANES);
    c3a.intoArray(c, co + 3 * ldc);
    c3b.intoArray(c, co + 3 * ldc + LANES);
  }
}
