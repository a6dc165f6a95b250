package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void countsRegistersByArchitectureAndWidth() {
    assertEquals(new Machine(512, 32, ""), Machine.of(512, "amd64"));
    assertEquals(new Machine(256, 16, ""), Machine.of(256, "amd64"));
    assertEquals(new Machine(128, 32, ""), Machine.of(128, "aarch64"));
  }

  @Test
  void tellsItsDoubtInOneSentence() {
    assertEquals("this JVM offers vectors of only 64 bits, so kernels run slowly", Machine.of(64, "amd64").doubt());
    assertFalse(Machine.of(128, "riscv64").doubt().isEmpty());
  }

  @Test
  void choosesTheTileByRegistersNotByWidth() {
    assertInstanceOf(Tile12x2.class, Tiles.of(Machine.of(512, "amd64")));
    assertInstanceOf(Tile4x2.class, Tiles.of(Machine.of(256, "amd64")));
    assertInstanceOf(Tile6x4.class, Tiles.of(Machine.of(128, "aarch64")));
  }

  @Test
  void cutsRowsIntoTilesWithLittlePadding() {
    Tile tile = new Tile12x2();
    assertArrayEquals(new int[] {4}, tile.split(1));
    assertArrayEquals(new int[] {12, 8}, tile.split(20));
    assertArrayEquals(new int[] {12, 12, 8}, tile.split(32));
    assertArrayEquals(new int[] {12, 12}, tile.split(23));
  }

  /** Every tile is right on every machine, only not the fastest there. */
  @Test
  void multipliesWithEveryTile() {
    for (Tile tile : new Tile[] {new Tile12x2(), new Tile4x2(), new Tile6x4()}) {
      int width = tile.columns();
      for (int height : tile.heights()) {
        MatMul.Shape shape = new MatMul.Shape(1, height, width, 37);
        float[] a = PlainLoops.random(37 * height, 1);
        float[] b = PlainLoops.random(37 * width, 2);
        float[] packed = new float[height * width];
        float[] unpacked = new float[height * width];
        tile.multiply(height, 37, a, 0, b, 0, packed, 0, width);
        tile.multiplyRows(height, 37, a, 0, 37, b, 0, unpacked, 0, width);
        expect(shape, MatMul.Layout.transposed(height), a, b, packed, tile);
        expect(shape, MatMul.Layout.rowMajor(37), a, b, unpacked, tile);
      }
    }
  }

  private static void expect(MatMul.Shape shape, MatMul.Layout layout, float[] a, float[] b, float[] c, Tile tile) {
    PlainLoops.Sums expected = PlainLoops.matMul(shape, layout, a, MatMul.Layout.rowMajor(shape.n()), b);
    PlainLoops.expect(expected, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 4, c, 0, tile.getClass());
  }
}
