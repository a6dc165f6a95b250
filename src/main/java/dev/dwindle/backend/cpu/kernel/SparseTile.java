package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of which most elements are zero times a few vectors of columns, a row at a time. Sums have the order that {@link Tile}s
 * give them, so that finite results are the same.
 */
final class SparseTile {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  static final int LANES = SPECIES.length();

  /** Columns of a whole tile. */
  static final int WIDTH = 8 * LANES;

  private SparseTile() {}

  /**
   * The share of zeros from which sparse rows are faster than {@link Tile}s, with a margin. Single layers break even between 0.3 and 0.53 on AVX2, of one tap and
   * products up to 0.63, and between 0.55 and 0.75 on AVX-512, where one tap and products, which use what they load less often, need 0.71 to 0.85
   * (benchmarks/sparse). Where it was not measured it is as there.
   */
  static double worth(boolean manyTaps) {
    if (Machine.current().vectorBits() == 256) return manyTaps ? 0.6 : 0.65;
    return manyTaps ? 0.8 : 0.88;
  }

  /**
   * Adds rows {@code from} to {@code to - 1} of A times columns of B to C, for one block of the sum.
   *
   * @param b the right operand, its first float at {@code bo}
   * @param c row {@code from}, first column at {@code co}, the next row {@code ldc} behind it
   * @param vectors of columns, 1 to 8
   */
  static void multiply(SparseRows a, int from, int to, int block, float[] b, int bo, float[] c, int co, int ldc,
      int vectors) {
    for (int row = from, target = co; row < to; row++, target += ldc) {
      int begin = a.start(row, block);
      int end = a.end(row, block);
      if (vectors == 8) {
        eight(begin, end, a.places, a.values, b, bo, c, target);
        continue;
      }
      int done = 0;
      if (vectors >= 4) {
        four(begin, end, a.places, a.values, b, bo, c, target);
        done = 4 * LANES;
      }
      if ((vectors & 2) != 0) {
        two(begin, end, a.places, a.values, b, bo + done, c, target + done);
        done += 2 * LANES;
      }
      if ((vectors & 1) != 0) one(begin, end, a.places, a.values, b, bo + done, c, target + done);
    }
  }

  private static void eight(int begin, int end, int[] places, float[] values, float[] b, int bo, float[] c, int co) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, co + LANES);
    FloatVector c2 = FloatVector.fromArray(SPECIES, c, co + 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(SPECIES, c, co + 3 * LANES);
    FloatVector c4 = FloatVector.fromArray(SPECIES, c, co + 4 * LANES);
    FloatVector c5 = FloatVector.fromArray(SPECIES, c, co + 5 * LANES);
    FloatVector c6 = FloatVector.fromArray(SPECIES, c, co + 6 * LANES);
    FloatVector c7 = FloatVector.fromArray(SPECIES, c, co + 7 * LANES);
    for (int i = begin; i < end; i++) {
      FloatVector value = FloatVector.broadcast(SPECIES, values[i]);
      int o = bo + places[i];
      c0 = value.fma(FloatVector.fromArray(SPECIES, b, o), c0);
      c1 = value.fma(FloatVector.fromArray(SPECIES, b, o + LANES), c1);
      c2 = value.fma(FloatVector.fromArray(SPECIES, b, o + 2 * LANES), c2);
      c3 = value.fma(FloatVector.fromArray(SPECIES, b, o + 3 * LANES), c3);
      c4 = value.fma(FloatVector.fromArray(SPECIES, b, o + 4 * LANES), c4);
      c5 = value.fma(FloatVector.fromArray(SPECIES, b, o + 5 * LANES), c5);
      c6 = value.fma(FloatVector.fromArray(SPECIES, b, o + 6 * LANES), c6);
      c7 = value.fma(FloatVector.fromArray(SPECIES, b, o + 7 * LANES), c7);
    }
    c0.intoArray(c, co);
    c1.intoArray(c, co + LANES);
    c2.intoArray(c, co + 2 * LANES);
    c3.intoArray(c, co + 3 * LANES);
    c4.intoArray(c, co + 4 * LANES);
    c5.intoArray(c, co + 5 * LANES);
    c6.intoArray(c, co + 6 * LANES);
    c7.intoArray(c, co + 7 * LANES);
  }

  private static void four(int begin, int end, int[] places, float[] values, float[] b, int bo, float[] c, int co) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, co + LANES);
    FloatVector c2 = FloatVector.fromArray(SPECIES, c, co + 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(SPECIES, c, co + 3 * LANES);
    for (int i = begin; i < end; i++) {
      FloatVector value = FloatVector.broadcast(SPECIES, values[i]);
      int o = bo + places[i];
      c0 = value.fma(FloatVector.fromArray(SPECIES, b, o), c0);
      c1 = value.fma(FloatVector.fromArray(SPECIES, b, o + LANES), c1);
      c2 = value.fma(FloatVector.fromArray(SPECIES, b, o + 2 * LANES), c2);
      c3 = value.fma(FloatVector.fromArray(SPECIES, b, o + 3 * LANES), c3);
    }
    c0.intoArray(c, co);
    c1.intoArray(c, co + LANES);
    c2.intoArray(c, co + 2 * LANES);
    c3.intoArray(c, co + 3 * LANES);
  }

  private static void two(int begin, int end, int[] places, float[] values, float[] b, int bo, float[] c, int co) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, co + LANES);
    for (int i = begin; i < end; i++) {
      FloatVector value = FloatVector.broadcast(SPECIES, values[i]);
      int o = bo + places[i];
      c0 = value.fma(FloatVector.fromArray(SPECIES, b, o), c0);
      c1 = value.fma(FloatVector.fromArray(SPECIES, b, o + LANES), c1);
    }
    c0.intoArray(c, co);
    c1.intoArray(c, co + LANES);
  }

  private static void one(int begin, int end, int[] places, float[] values, float[] b, int bo, float[] c, int co) {
    FloatVector sum = FloatVector.fromArray(SPECIES, c, co);
    for (int i = begin; i < end; i++) {
      FloatVector value = FloatVector.broadcast(SPECIES, values[i]);
      sum = value.fma(FloatVector.fromArray(SPECIES, b, bo + places[i]), sum);
    }
    sum.intoArray(c, co);
  }
}
