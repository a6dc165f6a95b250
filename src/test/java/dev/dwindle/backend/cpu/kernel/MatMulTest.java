package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MatMulTest {
  private static final Activation CLIP = Activation.clip(-20, 30);

  private final Workers one = new Workers(1);

  @Test
  void multipliesAwkwardSizesByWeightsAndByActivations() {
    for (int m : PlainLoops.AWKWARD) {
      for (int n : PlainLoops.AWKWARD) {
        for (int k : new int[] {1, 5, 33, 207, 641}) {
          MatMul.Shape shape = new MatMul.Shape(1, m, n, k);
          check(shape, MatMul.Layout.rowMajor(k), MatMul.Layout.rowMajor(n), (m + n + k) % 2 == 0);
        }
      }
    }
  }

  @Test
  void readsTransposedOperands() {
    for (int size : PlainLoops.AWKWARD) {
      MatMul.Shape shape = new MatMul.Shape(1, size, 34, 21);
      check(shape, MatMul.Layout.transposed(size), MatMul.Layout.rowMajor(34), true);
      check(shape, MatMul.Layout.rowMajor(21), MatMul.Layout.transposed(21), true);
      check(shape, MatMul.Layout.transposed(size), MatMul.Layout.transposed(21), false);
    }
  }

  @Test
  void broadcastsOneOperandOverABatch() {
    MatMul.Shape shape = new MatMul.Shape(3, 7, 33, 20);
    check(shape, new MatMul.Layout(20, 1, 0, 140, 280), MatMul.Layout.rowMajor(33), false);
    check(shape, MatMul.Layout.rowMajor(20), new MatMul.Layout(33, 1, 0, 660, 1320), false);
  }

  /** Attention heads lie interleaved: (token, head, width) read as one matrix a head. */
  @Test
  void readsInterleavedHeads() {
    MatMul.Layout heads = new MatMul.Layout(4 * 16, 1, 0, 16, 32, 48);
    MatMul.Layout headsAcross = new MatMul.Layout(1, 4 * 16, 0, 16, 32, 48);
    check(new MatMul.Shape(4, 19, 19, 16), heads, headsAcross, false);
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreads() {
    MatMul.Shape shape = new MatMul.Shape(2, 131, 207, 400);
    MatMul.Layout a = new MatMul.Layout(400, 1, 0, 131 * 400);
    float[] left = PlainLoops.random(2 * 131 * 400, 1);
    float[] right = PlainLoops.random(207 * 400, 2);
    MatMul.Layout c = new MatMul.Layout(207, 1, 0, 131 * 207);
    MatMul product = MatMul.withWeights(shape, a, MatMul.Layout.rowMajor(207), c, Finish.NONE, right);
    float[] alone = new float[2 * 131 * 207];
    float[] together = new float[2 * 131 * 207];
    Slice scratch = Slice.of(new float[product.scratch()]);
    product.on(Slice.of(left), null, Slice.of(alone), null, scratch).run(one);
    try (Workers three = new Workers(3)) {
      product.on(Slice.of(left), null, Slice.of(together), null, scratch).run(three);
    }
    assertArrayEquals(alone, together);
  }

  @Test
  void leavesMemoryAroundTheResultAlone() {
    MatMul product = MatMul.of(new MatMul.Shape(1, 5, 9, 3), MatMul.Layout.rowMajor(3), MatMul.Layout.rowMajor(9),
        MatMul.Layout.rowMajor(11), Finish.NONE);
    float[] c = new float[70];
    Arrays.fill(c, 7);
    Slice zeros = Slice.of(new float[64]);
    product.on(zeros, zeros, new Slice(c, 4), null, Slice.of(new float[product.scratch()])).run(one);
    for (int i = 0; i < c.length; i++) {
      boolean inside = i >= 4 && i < 4 + 55 && (i - 4) % 11 < 9;
      org.junit.jupiter.api.Assertions.assertEquals(inside ? 0 : 7, c[i], "element " + i);
    }
  }

  @Test
  void refusesAnEmptyProduct() {
    assertThrows(IllegalArgumentException.class, () -> new MatMul.Shape(1, 0, 1, 1));
  }

  private void check(MatMul.Shape shape, MatMul.Layout a, MatMul.Layout b, boolean constant) {
    int size = shape.m() * shape.n();
    int[] starts = new int[shape.batch()];
    Arrays.setAll(starts, i -> i * size);
    float[] left = PlainLoops.random(shape.batch() * shape.m() * shape.k(), 1);
    float[] right = PlainLoops.random(shape.batch() * shape.n() * shape.k(), 2);
    float[] bias = PlainLoops.random(shape.n(), 3);
    float[] residual = PlainLoops.random(shape.batch() * size, 4);
    MatMul.Layout c = new MatMul.Layout(shape.n(), 1, starts);
    Finish finish = new Finish(bias, CLIP);
    MatMul product = constant ? MatMul.withWeights(shape, a, b, c, finish, right) : MatMul.of(shape, a, b, c, finish);
    float[] result = new float[2 + shape.batch() * size];
    product.on(Slice.of(left), constant ? null : Slice.of(right), new Slice(result, 2), Slice.of(residual),
        Slice.of(new float[product.scratch()])).run(one);

    PlainLoops.Sums expected = PlainLoops.matMul(shape, a, left, b, right);
    for (int i = 0; i < residual.length; i++) {
      expected.add(i, bias[i % shape.n()]);
      expected.add(i, residual[i]);
    }
    PlainLoops.expect(expected, CLIP.low(), CLIP.high(), 4, result, 2, shape);
  }
}
