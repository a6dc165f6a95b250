package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Tile4x2} for a left operand whose rows lie {@code lda} floats apart. */
final class Tile4x2Rows {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private Tile4x2Rows() {}

  static void rows4(int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
    FloatVector c0a = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c0b = FloatVector.fromArray(SPECIES, c, co + LANES);
    FloatVector c1a = FloatVector.fromArray(SPECIES, c, co + ldc);
    FloatVector c1b = FloatVector.fromArray(SPECIES, c, co + ldc + LANES);
    FloatVector c2a = FloatVector.fromArray(SPECIES, c, co + 2 * ldc);
    FloatVector c2b = FloatVector.fromArray(SPECIES, c, co + 2 * ldc + LANES);
    FloatVector c3a = FloatVector.fromArray(SPECIES, c, co + 3 * ldc);
    FloatVector c3b = FloatVector.fromArray(SPECIES, c, co + 3 * ldc + LANES);
    for (int k = 0, i = ao, o = bo; k < depth; k++, i++, o += 2 * LANES) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, o);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, o + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[i]);
      c0a = a0.fma(b0, c0a);
      c0b = a0.fma(b1, c0b);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[i + lda]);
      c1a = a1.fma(b0, c1a);
      c1b = a1.fma(b1, c1b);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[i + 2 * lda]);
      c2a = a2.fma(b0, c2a);
      c2b = a2.fma(b1, c2b);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[i + 3 * lda]);
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
