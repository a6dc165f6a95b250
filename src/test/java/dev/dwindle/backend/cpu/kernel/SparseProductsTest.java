package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products that leave zeros out give the same floats as those that do not. */
class SparseProductsTest {
  private static final Activation CLIP = Activation.clip(-3, 6);

  private final Random random = new Random(5);

  @Test
  void convolutionsAreTheSame() {
    try (Workers one = new Workers(1); Workers many = new Workers(9)) {
      for (int i = 0; i < 300; i++) {
        int size = 8 + random.nextInt(30);
        int kernel = 1 + random.nextInt(4);
        Window.Axis axis = Window.Axis.of(size, kernel, 1 + random.nextInt(2), 1 + random.nextInt(2),
            random.nextInt(2), random.nextInt(3));
        Convolution.Shape shape = new Convolution.Shape(1 + i % 2, 1 + random.nextInt(2), 1 + random.nextInt(60),
            1 + random.nextInt(40), new Window(axis, axis));
        check(shape, i % 5 == 0 ? 1 : random.nextDouble(), i, one, many);
      }
    }
  }

  private void check(Convolution.Shape shape, double zeros, int variant, Workers one, Workers many) {
    int features = shape.groups() * shape.features();
    int outputs = shape.batch() * features * shape.window().outPlane();
    float[] weights = sparse(features * shape.depth(), zeros);
    float[] bias = variant % 3 == 0 ? null : PlainLoops.random(features, 3);
    Slice residual = variant % 2 == 0 ? null : Slice.of(PlainLoops.random(outputs, 4));
    Finish finish = new Finish(bias, CLIP);
    Slice image = Slice.of(
        PlainLoops.random(shape.batch() * shape.groups() * shape.channels() * shape.window().inPlane(), variant));
    float[] expected = new float[outputs];
    run(Convolution.of(shape, finish), image, Slice.of(weights), expected, residual, one);
    SparseConvolution convolution = SparseConvolution.of(shape, finish, SparseConvolution.weights(shape, weights));
    for (Workers workers : new Workers[] {one, many}) {
      float[] result = new float[outputs];
      convolution.on(image, Slice.of(result), residual, Slice.of(new float[convolution.scratch()])).run(workers);
      assertArrayEquals(expected, result, 0, shape::toString);
    }
  }

  private static void run(Convolution convolution, Slice image, Slice kernel, float[] result, Slice residual,
      Workers workers) {
    convolution.on(image, kernel, Slice.of(result), residual,
        convolution.scratch() == 0 ? null : Slice.of(new float[convolution.scratch()])).run(workers);
  }

  @Test
  void matrixProductsAreTheSame() {
    try (Workers one = new Workers(1); Workers many = new Workers(9)) {
      for (int i = 0; i < 200; i++) {
        MatMul.Shape shape = new MatMul.Shape(1, 1 + random.nextInt(150), 1 + random.nextInt(600),
            1 + random.nextInt(i % 4 == 0 ? 900 : 100));
        check(shape, i % 5 == 0 ? 1 : random.nextDouble(), i, one);
        check(shape, 0.9, i, many);
      }
    }
  }

  private void check(MatMul.Shape shape, double zeros, int variant, Workers workers) {
    boolean transposedLeft = variant % 3 == 1;
    boolean transposedRight = variant % 2 == 1;
    float[] values = sparse(shape.k() * shape.n(), zeros);
    MatMul.Layout left = transposedLeft ? MatMul.Layout.transposed(shape.m()) : MatMul.Layout.rowMajor(shape.k());
    MatMul.Layout right = transposedRight ? MatMul.Layout.transposed(shape.k()) : MatMul.Layout.rowMajor(shape.n());
    Finish finish = new Finish(variant % 3 == 0 ? null : PlainLoops.random(shape.n(), 3), CLIP);
    Slice residual = variant % 2 == 0 ? null : Slice.of(PlainLoops.random(shape.m() * shape.n(), 4));
    Slice a = Slice.of(PlainLoops.random(shape.m() * shape.k(), variant));
    MatMul dense = MatMul.withWeights(shape, left, right, MatMul.Layout.rowMajor(shape.n()), finish, values);
    float[] expected = new float[shape.m() * shape.n()];
    dense.on(a, null, Slice.of(expected), residual, Slice.of(new float[dense.scratch()])).run(workers);
    // A single row is summed in four parts. What lies behind the result must stay.
    float[] result = new float[expected.length + 1];
    result[expected.length] = 7;
    SparseRows weights = SparseMatMul.weights(shape.k(), shape.n(), right, values);
    SparseMatMul sparse = SparseMatMul.of(shape, left, finish, weights);
    Slice scratch = Slice.of(new float[sparse.scratch()]);
    sparse.on(a, Slice.of(result), residual, scratch).run(workers);
    float[] padded = java.util.Arrays.copyOf(expected, result.length);
    padded[expected.length] = 7;
    assertArrayEquals(padded, result, shape.m() == 1 ? 1e-4f : 0, () -> shape + " variant " + variant);
  }

  private float[] sparse(int count, double zeros) {
    float[] values = PlainLoops.random(count, random.nextInt());
    for (int i = 0; i < count; i++) if (random.nextDouble() < zeros) values[i] = 0;
    return values;
  }
}
