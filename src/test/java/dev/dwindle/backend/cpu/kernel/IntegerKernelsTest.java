package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class IntegerKernelsTest {
  private static final int[] SIZES = {1, 4, 13, 17, 33, 63};

  private final Workers one = new Workers(1);
  private final Random random = new Random(3);

  @Test
  void multipliesToTheBit() {
    for (int m : SIZES) {
      for (int n : SIZES) {
        for (int k : new int[] {1, 17, 258, 259, 700}) {
          checkProduct(new MatMul.Shape(1 + k % 2, m, n, k), (m + n + k) % 4);
        }
      }
    }
  }

  /** All bytes at their extremes: the sums that a float would lose first. */
  @Test
  void multipliesExtremesToTheBit() {
    for (int k : new int[] {258, 259, 1033}) {
      MatMul.Shape shape = new MatMul.Shape(1, 5, 7, k);
      byte[] a = new byte[5 * k];
      byte[] b = new byte[7 * k];
      java.util.Arrays.fill(a, (byte) 255);
      java.util.Arrays.fill(b, (byte) -128);
      b[3] = 0;
      Quantized left = Quantized.symmetric(new ByteSlice(a, 0, false));
      Quantized right = Quantized.of(new ByteSlice(b, 0, true), bytes(true, 127));
      int[] expected = product(shape, left, right);
      assertArrayEquals(expected, run(shape, left, right, true));
      assertArrayEquals(expected, run(shape, left, right, false));
    }
  }

  @Test
  void convolvesToTheBit() {
    for (int i = 0; i < 200; i++) {
      int kernel = 1 + random.nextInt(3);
      int size = kernel + random.nextInt(14);
      Window.Axis height = Window.Axis.of(size, kernel, 1 + i % 2, 1, i % 3, 1);
      Window.Axis width = Window.Axis.of(size + 3, kernel, 1 + i % 2, 1, 1, i % 3);
      boolean depthwise = i % 5 == 0;
      checkConvolution(
          new Convolution.Shape(1 + i % 2, depthwise ? 6 : 1 + i % 3, depthwise ? 1 : 1 + random.nextInt(90),
              1 + random.nextInt(9), new Window(height, width)),
          i);
    }
  }

  @Test
  void requantizesByRoundingHalfToEvenAndSaturating() {
    Requantization half = new Requantization(new float[] {0.5f}, null, 0, true);
    byte[] y = new byte[8];
    half.channel(0, new int[] {1, 3, 5, -1, -3, -5, 1000, -1000}, 0, y, 0, 8);
    assertArrayEquals(new byte[] {0, 2, 2, 0, -2, -2, 127, -128}, y);
    Requantization unsigned = new Requantization(new float[] {1, 0.5f}, new int[] {10, 1}, 3, false);
    unsigned.channels(0, new int[] {1, 4, -50}, 0, y, 0, 2);
    assertEquals(14, y[0]);
    assertEquals(3 + 2, y[1]);
    unsigned.channel(0, new int[] {-50, 245, Integer.MIN_VALUE}, 0, y, 0, 3);
    assertArrayEquals(new byte[] {0, (byte) 255, 0}, new byte[] {y[0], y[1], y[2]});
  }

  @Test
  void quantizesAndDequantizesAsOnnxDoes() {
    float[] x = new float[999];
    for (int i = 0; i < x.length; i++) {
      x[i] = i < 900 ? (i - 450) * 0.5f : (float) (random.nextGaussian() * 1e6);
    }
    x[998] = Float.POSITIVE_INFINITY;
    for (boolean signed : new boolean[] {true, false}) {
      for (float scale : new float[] {1, 0.3f, 2.5f}) {
        int zero = signed ? -5 : 120;
        ByteSlice q = new ByteSlice(new byte[1002], 3, signed);
        float[] back = new float[999];
        float[] both = x.clone();
        ByteLoops.quantize(Slice.of(x), q, 0, x.length, scale, zero);
        ByteLoops.dequantize(q, Slice.of(back), 0, x.length, scale, zero);
        ByteLoops.roundTrip(Slice.of(both), Slice.of(both), 0, x.length, scale, zero, signed);
        for (int i = 0; i < x.length; i++) {
          double rounded = Math.rint((double) (x[i] / scale)) + zero;
          assertEquals((int) Math.clamp(rounded, signed ? -128 : 0, signed ? 127 : 255), q.get(i), "quantized " + x[i]);
          assertEquals((q.get(i) - zero) * scale, back[i]);
          assertEquals(back[i], both[i]);
        }
      }
    }
  }

  private void checkProduct(MatMul.Shape s, int variant) {
    ByteSlice a = bytes(variant % 2 == 0, s.batch() * s.m() * s.k(), 5);
    ByteSlice b = bytes(variant / 2 == 0, s.k() * s.n(), 2);
    Quantized left = variant == 1 ? new Quantized(a, bytes(a.signed(), s.m(), 0), s.m())
        : Quantized.of(a, bytes(a.signed(), 7));
    Quantized right = variant == 2 ? new Quantized(b, bytes(b.signed(), s.n(), 1), s.n()) : Quantized.symmetric(b);
    int[] expected = product(s, left, right);
    assertArrayEquals(expected, run(s, left, right, true), s.toString());
    assertArrayEquals(expected, run(s, left, right, false), s.toString());
  }

  private int[] run(MatMul.Shape s, Quantized left, Quantized right, boolean constant) {
    MatMul.Layout a = new MatMul.Layout(s.k(), 1, starts(s.batch(), s.m() * s.k()));
    MatMul.Layout b = MatMul.Layout.rowMajor(s.n());
    IntegerMatMul product = constant ? IntegerMatMul.withWeights(s, a, b, right) : IntegerMatMul.of(s, a, b);
    int[] result = new int[s.batch() * s.m() * s.n()];
    Slice scratch = Slice.of(new float[product.scratch()]);
    product.on(left, constant ? null : right, new IntSlice(result, 0), scratch).run(one);
    return result;
  }

  private static int[] product(MatMul.Shape s, Quantized left, Quantized right) {
    int[] sums = new int[s.batch() * s.m() * s.n()];
    for (int i = 0; i < sums.length; i++) {
      int row = i / s.n();
      int column = i % s.n();
      for (int k = 0; k < s.k(); k++) {
        sums[i] += (left.values().get(row * s.k() + k) - left.zero(row % s.m()))
            * (right.values().get(k * s.n() + column) - right.zero(column));
      }
    }
    return sums;
  }

  private void checkConvolution(Convolution.Shape s, int variant) {
    int features = s.groups() * s.features();
    ByteSlice x = bytes(variant % 2 == 0, s.batch() * s.groups() * s.channels() * s.window().inPlane(), 0);
    ByteSlice w = bytes(variant % 3 == 0, features * s.depth(), 0);
    Quantized image = Quantized.of(x, bytes(x.signed(), 100));
    Quantized kernel = variant % 4 == 0 ? new Quantized(w, bytes(w.signed(), features, 0), features)
        : Quantized.symmetric(w);
    boolean constant = variant % 3 != 1;
    IntegerConvolution convolution = constant ? IntegerConvolution.withWeights(s, kernel) : IntegerConvolution.of(s);
    int[] result = new int[s.batch() * features * s.window().outPlane()];
    Slice scratch = Slice.of(new float[convolution.scratch()]);
    convolution.on(image, constant ? null : kernel, new IntSlice(result, 0), scratch).run(one);
    PlainLoops.Sums expected = PlainLoops.convolution(s, floats(image, s.window().inPlane(), 1),
        floats(kernel, s.depth(), features));
    for (int i = 0; i < result.length; i++) {
      assertEquals((int) expected.value()[i], result[i], s + " element " + i);
    }
    ByteSlice y = new ByteSlice(new byte[result.length + 1], 1, true);
    Requantization scales = new Requantization(new float[] {0.001f}, null, 3, true);
    convolution.on(image, constant ? null : kernel, y, scales, scratch).run(one);
    for (int i = 0; i < result.length; i++) {
      double rounded = Math.rint((double) ((float) result[i] * 0.001f)) + 3;
      assertEquals((int) Math.clamp(rounded, -128, 127), y.get(i), s + " element " + i);
    }
  }

  private static float[] floats(Quantized x, int block, int blocks) {
    float[] y = new float[x.values().array().length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x.values().get(i) - x.zero(i / block % blocks);
    }
    return y;
  }

  private static int[] starts(int count, int step) {
    int[] starts = new int[count];
    java.util.Arrays.setAll(starts, i -> i * step);
    return starts;
  }

  private static ByteSlice bytes(boolean signed, int value) {
    return new ByteSlice(new byte[] {(byte) value}, 0, signed);
  }

  private ByteSlice bytes(boolean signed, int n, int seed) {
    byte[] values = new byte[n];
    random.nextBytes(values);
    return new ByteSlice(values, 0, signed);
  }
}
