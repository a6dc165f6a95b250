package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Tile12x2} for a left operand whose rows lie {@code lda} floats apart. */
final class Tile12x2Rows {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private Tile12x2Rows() {}

  static void rows12(int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
    FloatVector c0a = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c0b = FloatVector.fromArray(SPECIES, c, co + LANES);
    FloatVector c1a = FloatVector.fromArray(SPECIES, c, co + ldc);
    FloatVector c1b = FloatVector.fromArray(SPECIES, c, co + ldc + LANES);
    FloatVector c2a = FloatVector.fromArray(SPECIES, c, co + 2 * ldc);
    FloatVector c2b = FloatVector.fromArray(SPECIES, c, co + 2 * ldc + LANES);
    FloatVector c3a = FloatVector.fromArray(SPECIES, c, co + 3 * ldc);
    FloatVector c3b = FloatVector.fromArray(SPECIES, c, co + 3 * ldc + LANES);
    FloatVector c4a = FloatVector.fromArray(SPECIES, c, co + 4 * ldc);
    FloatVector c4b = FloatVector.fromArray(SPECIES, c, co + 4 * ldc + LANES);
    FloatVector c5a = FloatVector.fromArray(SPECIES, c, co + 5 * ldc);
    FloatVector c5b = FloatVector.fromArray(SPECIES, c, co + 5 * ldc + LANES);
    FloatVector c6a = FloatVector.fromArray(SPECIES, c, co + 6 * ldc);
    FloatVector c6b = FloatVector.fromArray(SPECIES, c, co + 6 * ldc + LANES);
    FloatVector c7a = FloatVector.fromArray(SPECIES, c, co + 7 * ldc);
    FloatVector c7b = FloatVector.fromArray(SPECIES, c, co + 7 * ldc + LANES);
    FloatVector c8a = FloatVector.fromArray(SPECIES, c, co + 8 * ldc);
    FloatVector c8b = FloatVector.fromArray(SPECIES, c, co + 8 * ldc + LANES);
    FloatVector c9a = FloatVector.fromArray(SPECIES, c, co + 9 * ldc);
    FloatVector c9b = FloatVector.fromArray(SPECIES, c, co + 9 * ldc + LANES);
    FloatVector c10a = FloatVector.fromArray(SPECIES, c, co + 10 * ldc);
    FloatVector c10b = FloatVector.fromArray(SPECIES, c, co + 10 * ldc + LANES);
    FloatVector c11a = FloatVector.fromArray(SPECIES, c, co + 11 * ldc);
    FloatVector c11b = FloatVector.fromArray(SPECIES, c, co + 11 * ldc + LANES);
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
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[i + 4 * lda]);
      c4a = a4.fma(b0, c4a);
      c4b = a4.fma(b1, c4b);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[i + 5 * lda]);
      c5a = a5.fma(b0, c5a);
      c5b = a5.fma(b1, c5b);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[i + 6 * lda]);
      c6a = a6.fma(b0, c6a);
      c6b = a6.fma(b1, c6b);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[i + 7 * lda]);
      c7a = a7.fma(b0, c7a);
      c7b = a7.fma(b1, c7b);
      FloatVector a8 = FloatVector.broadcast(SPECIES, a[i + 8 * lda]);
      c8a = a8.fma(b0, c8a);
      c8b = a8.fma(b1, c8b);
      FloatVector a9 = FloatVector.broadcast(SPECIES, a[i + 9 * lda]);
      c9a = a9.fma(b0, c9a);
      c9b = a9.fma(b1, c9b);
      FloatVector a10 = FloatVector.broadcast(SPECIES, a[i + 10 * lda]);
      c10a = a10.fma(b0, c10a);
      c10b = a10.fma(b1, c10b);
      FloatVector a11 = FloatVector.broadcast(SPECIES, a[i + 11 * lda]);
      c11a = a11.fma(b0, c11a);
      c11b = a11.fma(b1, c11b);
    }
    c0a.intoArray(c, co);
    c0b.intoArray(c, co + LANES);
    c1a.intoArray(c, co + ldc);
    c1b.intoArray(c, co + ldc + LANES);
    c2a.intoArray(c, co + 2 * ldc);
    c2b.intoArray(c, co + 2 * ldc + LANES);
    c3a.intoArray(c, co + 3 * ldc);
    c3b.intoArray(c, co + 3 * ldc + LANES);
    c4a.intoArray(c, co + 4 * ldc);
    c4b.intoArray(c, co + 4 * ldc + LANES);
    c5a.intoArray(c, co + 5 * ldc);
    c5b.intoArray(c, co + 5 * ldc + LANES);
    c6a.intoArray(c, co + 6 * ldc);
    c6b.intoArray(c, co + 6 * ldc + LANES);
    c7a.intoArray(c, co + 7 * ldc);
    c7b.intoArray(c, co + 7 * ldc + LANES);
    c8a.intoArray(c, co + 8 * ldc);
    c8b.intoArray(c, co + 8 * ldc + LANES);
    c9a.intoArray(c, co + 9 * ldc);
    c9b.intoArray(c, co + 9 * ldc + LANES);
    c10a.intoArray(c, co + 10 * ldc);
    c10b.intoArray(c, co + 10 * ldc + LANES);
    c11a.intoArray(c, co + 11 * ldc);
    c11b.intoArray(c, co + 11 * ldc + LANES);
  }

  static void rows8(int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
    FloatVector c0a = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c0b = FloatVector.fromArray(SPECIES, c, co + LANES);
    FloatVector c1a = FloatVector.fromArray(SPECIES, c, co + ldc);
    FloatVector c1b = FloatVector.fromArray(SPECIES, c, co + ldc + LANES);
    FloatVector c2a = FloatVector.fromArray(SPECIES, c, co + 2 * ldc);
    FloatVector c2b = FloatVector.fromArray(SPECIES, c, co + 2 * ldc + LANES);
    FloatVector c3a = FloatVector.fromArray(SPECIES, c, co + 3 * ldc);
    FloatVector c3b = FloatVector.fromArray(SPECIES, c, co + 3 * ldc + LANES);
    FloatVector c4a = FloatVector.fromArray(SPECIES, c, co + 4 * ldc);
    FloatVector c4b = FloatVector.fromArray(SPECIES, c, co + 4 * ldc + LANES);
    FloatVector c5a = FloatVector.fromArray(SPECIES, c, co + 5 * ldc);
    FloatVector c5b = FloatVector.fromArray(SPECIES, c, co + 5 * ldc + LANES);
    FloatVector c6a = FloatVector.fromArray(SPECIES, c, co + 6 * ldc);
    FloatVector c6b = FloatVector.fromArray(SPECIES, c, co + 6 * ldc + LANES);
    FloatVector c7a = FloatVector.fromArray(SPECIES, c, co + 7 * ldc);
    FloatVector c7b = FloatVector.fromArray(SPECIES, c, co + 7 * ldc + LANES);
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
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[i + 4 * lda]);
      c4a = a4.fma(b0, c4a);
      c4b = a4.fma(b1, c4b);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[i + 5 * lda]);
      c5a = a5.fma(b0, c5a);
      c5b = a5.fma(b1, c5b);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[i + 6 * lda]);
      c6a = a6.fma(b0, c6a);
      c6b = a6.fma(b1, c6b);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[i + 7 * lda]);
      c7a = a7.fma(b0, c7a);
      c7b = a7.fma(b1, c7b);
    }
    c0a.intoArray(c, co);
    c0b.intoArray(c, co + LANES);
    c1a.intoArray(c, co + ldc);
    c1b.intoArray(c, co + ldc + LANES);
    c2a.intoArray(c, co + 2 * ldc);
    c2b.intoArray(c, co + 2 * ldc + LANES);
    c3a.intoArray(c, co + 3 * ldc);
    c3b.intoArray(c, co + 3 * ldc + LANES);
    c4a.intoArray(c, co + 4 * ldc);
    c4b.intoArray(c, co + 4 * ldc + LANES);
    c5a.intoArray(c, co + 5 * ldc);
    c5b.intoArray(c, co + 5 * ldc + LANES);
    c6a.intoArray(c, co + 6 * ldc);
    c6b.intoArray(c, co + 6 * ldc + LANES);
    c7a.intoArray(c, co + 7 * ldc);
    c7b.intoArray(c, co + 7 * ldc + LANES);
  }

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
