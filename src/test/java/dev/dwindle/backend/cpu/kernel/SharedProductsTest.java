package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** A row times weights that share a few values gives the same floats as from the weights. */
class SharedProductsTest {
  private static final MatMul.Shape LARGE = new MatMul.Shape(1, 1, 4096, 4096);

  private final Random random = new Random(5);

  @Test
  void rowsAreTheSame() {
    if (!SharedRowTile.AVAILABLE) {
      assertEquals(false, SharedPanels.worth(LARGE, MatMul.Layout.rowMajor(LARGE.k())), "never made of other vectors");
      return;
    }
    try (Workers one = new Workers(1); Workers many = new Workers(9)) {
      for (int i = 0; i < 200; i++) {
        MatMul.Shape shape = new MatMul.Shape(1, 1, 1 + random.nextInt(300),
            1 + random.nextInt(i % 4 == 0 ? 1300 : 100));
        check(shape, 1 + i % SharedPanels.MOST_VALUES, i, i % 2 == 0 ? one : many);
      }
    }
  }

  private void check(MatMul.Shape shape, int count, int variant, Workers workers) {
    float[] values = shared(shape.k() * shape.n(), PlainLoops.random(count, variant));
    MatMul.Layout left = MatMul.Layout.rowMajor(shape.k());
    MatMul.Layout right = variant % 3 == 1 ? MatMul.Layout.transposed(shape.k()) : MatMul.Layout.rowMajor(shape.n());
    MatMul.Layout out = MatMul.Layout.rowMajor(shape.n());
    Finish finish = new Finish(variant % 3 == 0 ? null : PlainLoops.random(shape.n(), 3), Activation.clip(-3, 6));
    Slice residual = variant % 2 == 0 ? null : Slice.of(PlainLoops.random(shape.n(), 4));
    Slice a = Slice.of(PlainLoops.random(shape.k(), variant));
    float[] expected = new float[shape.n()];
    MatMul.withWeights(shape, left, right, out, finish, values).on(a, null, Slice.of(expected), residual, null)
        .run(workers);
    // What lies behind the result must stay.
    float[] result = new float[expected.length + 1];
    result[expected.length] = 7;
    SharedPanels panels = SharedPanels.of(shape.k(), shape.n(), right, values);
    assertNotNull(panels);
    MatMul.withShared(shape, left, right, out, finish, panels).on(a, null, Slice.of(result), residual, null)
        .run(workers);
    float[] padded = java.util.Arrays.copyOf(expected, result.length);
    padded[expected.length] = 7;
    assertArrayEquals(padded, result, 0, () -> shape + " variant " + variant);
  }

  private float[] shared(int count, float[] values) {
    float[] all = new float[count];
    for (int i = 0; i < count; i++) all[i] = values[random.nextInt(values.length)];
    return all;
  }

  @Test
  void moreThanSixteenValuesAreNotShared() {
    float[] values = new float[40];
    for (int i = 0; i < values.length; i++) values[i] = i % 16 - 0.0f;
    MatMul.Layout layout = MatMul.Layout.rowMajor(8);
    assertNotNull(SharedPanels.of(5, 8, layout, values));
    values[39] = -0.0f;
    assertNull(SharedPanels.of(5, 8, layout, values), "a negative zero is another value");
    values[39] = Float.NaN;
    assertNull(SharedPanels.of(5, 8, layout, values));
  }

  @Test
  void smallProductsAndSeveralRowsAreLeftAlone() {
    MatMul.Layout left = MatMul.Layout.rowMajor(1024);
    assertEquals(SharedRowTile.AVAILABLE, SharedPanels.worth(LARGE, MatMul.Layout.rowMajor(LARGE.k())));
    assertEquals(false, SharedPanels.worth(new MatMul.Shape(1, 2, 4096, 4096), left));
    assertEquals(false, SharedPanels.worth(new MatMul.Shape(1, 1, 64, 1024), left));
    assertEquals(false, SharedPanels.worth(LARGE, MatMul.Layout.transposed(2)));
  }
}
