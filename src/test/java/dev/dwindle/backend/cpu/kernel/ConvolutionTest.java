package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ConvolutionTest {
  private static final Activation CLIP = Activation.clip(-3, 6);
  private static final int[] SIZES = {1, 4, 6, 7, 13, 17, 31, 33, 63};

  private final Workers one = new Workers(1);
  private final Random random = new Random(11);

  @Test
  void convolvesAtRandomGeometries() {
    for (int i = 0; i < 700; i++) {
      check(new Convolution.Shape(1 + i % 2, 1 + random.nextInt(2), 1 + random.nextInt(12), 1 + random.nextInt(35),
          window(SIZES)), i);
    }
  }

  @Test
  void convolvesDeepSumsInBlocks() {
    check(new Convolution.Shape(1, 1, 80, 20, square(9, 3, 1, 1)), 1);
    check(new Convolution.Shape(1, 1, 700, 13, square(7, 1, 1, 0)), 2);
    check(new Convolution.Shape(1, 2, 400, 25, square(9, 1, 2, 0)), 3);
  }

  @Test
  void convolvesToFewOutputs() {
    int[] sizes = {1, 2, 3, 5, 7};
    for (int i = 0; i < 200; i++) {
      check(new Convolution.Shape(1 + i % 2, 1, 1 + random.nextInt(40), 16 + random.nextInt(60), window(sizes)), i);
    }
  }

  @Test
  void convolvesSignalsOfOneDimension() {
    Window window = new Window(Window.Axis.ONE, Window.Axis.of(640, 256, 64, 1, 0, 64));
    check(new Convolution.Shape(1, 1, 1, 258, window), 0);
    check(new Convolution.Shape(2, 1, 129, 16, new Window(Window.Axis.ONE, Window.Axis.of(11, 3, 2, 1, 1, 1))), 1);
  }

  @Test
  void correlatesEachChannelAlone() {
    for (int i = 0; i < 700; i++) {
      checkDepthwise(new Depthwise.Shape(1 + i % 2, 1 + random.nextInt(4), 1 + random.nextInt(2),
          window(new int[] {1, 4, 7, 14, 17, 33, 56, 70, 130})), i);
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreads() {
    Convolution.Shape shape = new Convolution.Shape(1, 1, 64, 100, square(14, 3, 1, 1));
    float[] image = PlainLoops.random(64 * 196, 1);
    Convolution convolution = Convolution.withWeights(shape, Finish.NONE, PlainLoops.random(100 * 576, 2));
    float[] alone = new float[100 * 196];
    float[] together = new float[100 * 196];
    Slice scratch = Slice.of(new float[convolution.scratch()]);
    convolution.on(Slice.of(image), null, Slice.of(alone), null, scratch).run(one);
    try (Workers three = new Workers(3)) {
      convolution.on(Slice.of(image), null, Slice.of(together), null, scratch).run(three);
    }
    assertArrayEquals(alone, together);
  }

  private static Window square(int size, int kernel, int stride, int pad) {
    Window.Axis axis = Window.Axis.of(size, kernel, stride, 1, pad, pad);
    return new Window(axis, axis);
  }

  private Window window(int[] sizes) {
    return new Window(axis(sizes), axis(sizes));
  }

  private Window.Axis axis(int[] sizes) {
    int in = sizes[random.nextInt(sizes.length)];
    int kernel = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(5);
    int stride = 1 + Math.max(0, random.nextInt(5) - 2);
    int dilation = 1 + random.nextInt(2);
    int before = random.nextInt(3);
    int after = random.nextInt(3);
    boolean padded = random.nextInt(3) > 0;
    int fits = dilation * (kernel - 1) + 1;
    return padded && in + before + after >= fits
        ? Window.Axis.of(in, kernel, stride, dilation, before, after)
        : Window.Axis.of(Math.max(in, fits), kernel, stride, dilation, 0, 0);
  }

  private void check(Convolution.Shape shape, int variant) {
    int features = shape.groups() * shape.features();
    int outputs = shape.batch() * features * shape.window().outPlane();
    int inputs = shape.batch() * shape.groups() * shape.channels() * shape.window().inPlane();
    float[] image = PlainLoops.random(inputs, variant);
    float[] weights = PlainLoops.random(features * shape.depth(), variant + 1);
    float[] bias = variant % 3 == 0 ? null : PlainLoops.random(features, 3);
    float[] residual = variant % 2 == 0 ? null : PlainLoops.random(outputs, 4);
    boolean constant = variant % 4 != 3;
    Finish finish = new Finish(bias, CLIP);
    Convolution convolution = constant ? Convolution.withWeights(shape, finish, weights)
        : Convolution.of(shape, finish);
    float[] result = new float[outputs];
    convolution.on(Slice.of(image), constant ? null : Slice.of(weights), Slice.of(result),
        residual == null ? null : Slice.of(residual), Slice.of(new float[convolution.scratch()])).run(one);
    expect(PlainLoops.convolution(shape, image, weights), bias, residual, shape.window(), result, shape);
  }

  private void checkDepthwise(Depthwise.Shape shape, int variant) {
    int features = shape.channels() * shape.multiplier();
    int outputs = shape.batch() * features * shape.window().outPlane();
    float[] image = PlainLoops.random(shape.batch() * shape.channels() * shape.window().inPlane(), variant);
    float[] weights = PlainLoops.random(features * shape.window().taps(), variant + 1);
    float[] bias = variant % 3 == 0 ? null : PlainLoops.random(features, 3);
    float[] residual = variant % 2 == 0 ? null : PlainLoops.random(outputs, 4);
    boolean constant = variant % 4 != 3;
    Finish finish = new Finish(bias, CLIP);
    Depthwise depthwise = constant ? Depthwise.withWeights(shape, finish, weights) : Depthwise.of(shape, finish);
    // The result may take the residual's place.
    float[] result = residual == null ? new float[outputs] : residual.clone();
    depthwise.on(Slice.of(image), constant ? null : Slice.of(weights), Slice.of(result),
        residual == null ? null : Slice.of(result)).run(one);
    Convolution.Shape grouped = new Convolution.Shape(shape.batch(), shape.channels(), 1, shape.multiplier(),
        shape.window());
    expect(PlainLoops.convolution(grouped, image, weights), bias, residual, shape.window(), result, shape);
  }

  private static void expect(PlainLoops.Sums expected, float[] bias, float[] residual, Window window, float[] result,
      Object what) {
    for (int i = 0; i < result.length; i++) {
      expected.add(i, bias == null ? 0 : bias[i / window.outPlane() % bias.length]);
      expected.add(i, residual == null ? 0 : residual[i]);
    }
    PlainLoops.expect(expected, CLIP.low(), CLIP.high(), 4, result, 0, what);
  }
}
