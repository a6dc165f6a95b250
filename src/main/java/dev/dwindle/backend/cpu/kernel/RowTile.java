package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The tile for a single row: four sums for each column hide the latency that one row cannot. */
final class RowTile {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private static final int WIDTH = ColumnPanels.WIDTH;

  private RowTile() {}

  /** {@code c[j] += sum over k of a[ao + k] * b[bo + k * width + j]} for one panel of B. */
  static void multiply(
      int depth, float[] a, int ao, float[] b, int bo, float[] c, int co) {
    for (int j = 0; j < WIDTH; j += 2 * LANES) {
      pair(depth, a, ao, b, bo + j, c, co + j);
    }
  }

  private static void pair(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co) {
    FloatVector l0 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector h0 = FloatVector.fromArray(SPECIES, c, co + LANES);
    FloatVector l1 = FloatVector.zero(SPECIES);
    FloatVector h1 = l1;
    FloatVector l2 = l1;
    FloatVector h2 = l1;
    FloatVector l3 = l1;
    FloatVector h3 = l1;
    int k = 0;
    int o = bo;
    for (; k <= depth - 4; k += 4, o += 4 * WIDTH) {
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao + k]);
      l0 = a0.fma(FloatVector.fromArray(SPECIES, b, o), l0);
      h0 = a0.fma(FloatVector.fromArray(SPECIES, b, o + LANES), h0);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + k + 1]);
      l1 = a1.fma(FloatVector.fromArray(SPECIES, b, o + WIDTH), l1);
      h1 = a1.fma(FloatVector.fromArray(SPECIES, b, o + WIDTH + LANES), h1);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + k + 2]);
      l2 = a2.fma(FloatVector.fromArray(SPECIES, b, o + 2 * WIDTH), l2);
      h2 = a2.fma(FloatVector.fromArray(SPECIES, b, o + 2 * WIDTH + LANES), h2);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + k + 3]);
      l3 = a3.fma(FloatVector.fromArray(SPECIES, b, o + 3 * WIDTH), l3);
      h3 = a3.fma(FloatVector.fromArray(SPECIES, b, o + 3 * WIDTH + LANES), h3);
    }
    for (; k < depth; k++, o += WIDTH) {
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao + k]);
      l0 = a0.fma(FloatVector.fromArray(SPECIES, b, o), l0);
      h0 = a0.fma(FloatVector.fromArray(SPECIES, b, o + LANES), h0);
    }
    l0.add(l1).add(l2.add(l3)).intoArray(c, co);
    h0.add(h1).add(h2.add(h3)).intoArray(c, co + LANES);
  }
}
