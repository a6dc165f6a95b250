package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** {@link RowTile} from {@link SharedPanels}: an eighth of the bytes are read, values are looked up in registers, and sums have the same order. */
final class SharedRowTile {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private static final int WIDTH = ColumnPanels.WIDTH;

  /** Sixteen values must fit one register or two. */
  static final boolean AVAILABLE = LANES == 8 || LANES == 16;

  static final boolean ONE_TABLE = LANES == SharedPanels.MOST_VALUES;

  private static final VectorSpecies<Byte> BYTES = AVAILABLE ? VectorSpecies.of(byte.class,
      VectorShape.forBitSize(8 * LANES)) : ByteVector.SPECIES_64;

  private SharedRowTile() {}

  /** {@code c[j] += sum over k of a[ao + k] * value of row k, column j} for one block of one panel. */
  static void multiply(int depth, float[] a, int ao, SharedPanels b, int bo, float[] c, int co) {
    for (int j = 0; j < WIDTH; j += LANES) {
      if (ONE_TABLE) oneTable(depth, a, ao, b.values, b.places, bo + j, c, co + j);
      else
        twoTables(depth, a, ao, b.values, b.places, bo + j, c, co + j);
    }
  }

  private static void oneTable(int depth, float[] a, int ao, int[] values, byte[] places, int bo, float[] c, int co) {
    IntVector table = IntVector.fromArray(INTS, values, 0);
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c1 = FloatVector.zero(SPECIES);
    FloatVector c2 = c1;
    FloatVector c3 = c1;
    int k = 0;
    int o = bo;
    for (; k <= depth - 4; k += 4, o += 2 * WIDTH) {
      IntVector first = (IntVector) ByteVector.fromArray(BYTES, places, o)
          .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
      IntVector second = (IntVector) ByteVector.fromArray(BYTES, places, o + WIDTH)
          .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
      c0 = first.selectFrom(table).reinterpretAsFloats().fma(FloatVector.broadcast(SPECIES, a[ao + k]), c0);
      c1 = first.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats()
          .fma(FloatVector.broadcast(SPECIES, a[ao + k + 1]), c1);
      c2 = second.selectFrom(table).reinterpretAsFloats().fma(FloatVector.broadcast(SPECIES, a[ao + k + 2]), c2);
      c3 = second.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats()
          .fma(FloatVector.broadcast(SPECIES, a[ao + k + 3]), c3);
    }
    for (; k < depth; k++) {
      IntVector pair = (IntVector) ByteVector.fromArray(BYTES, places, o)
          .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
      boolean upper = (k & 1) == 0;
      IntVector place = upper ? pair : pair.lanewise(VectorOperators.LSHR, 4);
      c0 = place.selectFrom(table).reinterpretAsFloats().fma(FloatVector.broadcast(SPECIES, a[ao + k]), c0);
      if (!upper) o += WIDTH;
    }
    c0.add(c1).add(c2.add(c3)).intoArray(c, co);
  }

  private static void twoTables(int depth, float[] a, int ao, int[] values, byte[] places, int bo, float[] c, int co) {
    IntVector low = IntVector.fromArray(INTS, values, 0);
    IntVector high = IntVector.fromArray(INTS, values, SharedPanels.MOST_VALUES - LANES);
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c1 = FloatVector.zero(SPECIES);
    FloatVector c2 = c1;
    FloatVector c3 = c1;
    int k = 0;
    int o = bo;
    for (; k <= depth - 4; k += 4, o += 2 * WIDTH) {
      IntVector first = (IntVector) ByteVector.fromArray(BYTES, places, o)
          .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
      IntVector second = (IntVector) ByteVector.fromArray(BYTES, places, o + WIDTH)
          .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
      c0 = value(first.lanewise(VectorOperators.LSHL, 28), first, low, high)
          .fma(FloatVector.broadcast(SPECIES, a[ao + k]), c0);
      c1 = value(first.lanewise(VectorOperators.LSHL, 24), first.lanewise(VectorOperators.LSHR, 4), low, high)
          .fma(FloatVector.broadcast(SPECIES, a[ao + k + 1]), c1);
      c2 = value(second.lanewise(VectorOperators.LSHL, 28), second, low, high)
          .fma(FloatVector.broadcast(SPECIES, a[ao + k + 2]), c2);
      c3 = value(second.lanewise(VectorOperators.LSHL, 24), second.lanewise(VectorOperators.LSHR, 4), low, high)
          .fma(FloatVector.broadcast(SPECIES, a[ao + k + 3]), c3);
    }
    for (; k < depth; k++) {
      IntVector pair = (IntVector) ByteVector.fromArray(BYTES, places, o)
          .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
      boolean upper = (k & 1) == 0;
      IntVector place = upper ? pair : pair.lanewise(VectorOperators.LSHR, 4);
      c0 = value(place.lanewise(VectorOperators.LSHL, 28), place, low, high)
          .fma(FloatVector.broadcast(SPECIES, a[ao + k]), c0);
      if (!upper) o += WIDTH;
    }
    c0.add(c1).add(c2.add(c3)).intoArray(c, co);
  }

  /** The value of each place, whose highest of four bits is the sign of {@code sign}, and whose lower three are the lowest of {@code place}. */
  private static FloatVector value(IntVector sign, IntVector place, IntVector low, IntVector high) {
    return place.selectFrom(low).blend(place.selectFrom(high), sign.compare(VectorOperators.LT, 0))
        .reinterpretAsFloats();
  }
}
