package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * {@code dev.dwindle.PairedConvInteger} and {@code PairedMatMulInteger}: ConvInteger and MatMulInteger as {@link PairedSums}
 * computes them, so that INT8 models can be judged as devices run them that saturate. Inputs are X (UINT8, or INT8, to which
 * such devices add 128), INT8 weights without zero point, of two axes for a product of matrices, and one zero point of X; the output is INT32.
 * Of a convolution the attribute {@code pairs} says which products are added in 16 bits: those of neighbouring {@code channels} at one tap, or
 * of neighbouring {@code taps} where the taps of one channel follow those of another.
 */
final class PairedIntegers implements Operator {
  static final Operator CONV = new PairedIntegers("PairedConvInteger");
  static final Operator MATMUL = new PairedIntegers("PairedMatMulInteger");

  private final String name;

  private PairedIntegers(String name) {
    this.name = name;
  }

  @Override
  public String domain() {
    return OWN_DOMAIN;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(DType.INT32, this == CONV ? ConvGeometry.infer(call, call.dims(0), call.dims(1))
        : MatMulGeometry.infer(call, call.dims(0), call.dims(1)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    if (call.dtype(1) != DType.INT8 || call.dtype(0) != DType.UINT8 && call.dtype(0) != DType.INT8) {
      throw call.invalid("inputs are of types " + call.dtype(0).text() + " and " + call.dtype(1).text()
          + ", expected uint8 or int8, and int8");
    }
    int shift = call.dtype(0) == DType.INT8 ? 128 : 0;
    int zero = (int) (call.has(2) ? call.scalarLong(2) : 0) + shift;
    long[] elements = call.longs(0);
    int[] x = new int[elements.length];
    for (int i = 0; i < x.length; i++) x[i] = (int) elements[i] + shift;
    return List.of(this == CONV ? convolution(call, x, zero) : product(call, x, zero));
  }

  private static Tensor product(Evaluation call, int[] x, int zero) {
    if (call.shape(1).rank() != 2) {
      throw call.invalid("weights are of shape " + call.shape(1) + ", expected two axes");
    }
    MatMulGeometry geometry = MatMulGeometry.of(call, call.shape(0), call.shape(1));
    int inner = geometry.inner();
    int columns = geometry.columns();
    byte[] weights = call.required(1).bytes();
    byte[] transposed = new byte[weights.length];
    for (int i = 0; i < weights.length; i++) transposed[i % columns * inner + i / columns] = weights[i];
    PairedSums sums = new PairedSums(transposed, columns, counted(inner));
    int rows = inner == 0 ? geometry.output().intSize() / Math.max(1, columns) : x.length / inner;
    int[] lying = new int[columns * rows];
    for (int from = 0; from < rows; from += PairedSums.BLOCK) {
      int count = Math.min(PairedSums.BLOCK, rows - from);
      for (int i = 0; i < count; i++) sums.set(i, Arrays.copyOfRange(x, (from + i) * inner, (from + i + 1) * inner));
      sums.multiply(count, zero, lying, from, rows);
    }
    int[] y = new int[lying.length];
    for (int i = 0; i < y.length; i++) y[i] = lying[i % columns * rows + i / columns];
    return Tensor.of(geometry.output(), y);
  }

  private static Tensor convolution(Evaluation call, int[] x, int zero) {
    ConvGeometry g = ConvGeometry.of(call, call.shape(0), call.shape(1));
    int depth = g.groupChannels() * g.window().kernelSize();
    int[] order = order(call, g);
    byte[] weights = call.required(1).bytes();
    PairedSums[] groups = new PairedSums[g.groups()];
    for (int i = 0; i < groups.length; i++) {
      int each = g.groupFeatures() * depth;
      groups[i] = new PairedSums(Arrays.copyOfRange(weights, i * each, (i + 1) * each), g.groupFeatures(), order);
    }
    int positions = g.window().outputSize();
    int[] y = new int[g.output().intSize()];
    int[][] taps = new int[Math.min(PairedSums.BLOCK, positions)][];
    int[] patch = new int[depth];
    WindowTaps all = new WindowTaps(g.window());
    for (int from = 0; from < positions; from += taps.length) {
      int count = Math.min(taps.length, positions - from);
      for (int i = 0; i < count; i++) taps[i] = all.next().clone();
      for (int image = 0; image < g.batch() * groups.length; image++) {
        PairedSums sums = groups[image % groups.length];
        for (int i = 0; i < count; i++) {
          gather(x, image * g.groupChannels(), g.window().inputSize(), taps[i], zero, patch);
          sums.set(i, patch);
        }
        sums.multiply(count, zero, y, image * g.groupFeatures() * positions + from, positions);
      }
    }
    return Tensor.of(g.output(), y);
  }

  private static void gather(int[] x, int channel, int size, int[] taps, int padding, int[] patch) {
    int from = channel * size;
    for (int i = 0; i < patch.length; from += size) {
      for (int tap : taps) patch[i++] = tap < 0 ? padding : x[from + tap];
    }
  }

  /** The places in a feature's weights, which lie channel by channel, in the order in which products are paired. */
  private static int[] order(Call call, ConvGeometry g) {
    int channels = g.groupChannels();
    int kernel = g.window().kernelSize();
    String pairs = call.text("pairs", "channels");
    if (pairs.equals("taps")) return counted(channels * kernel);
    if (!pairs.equals("channels")) {
      throw call.invalid("pairs is '" + pairs + "', expected 'channels' or 'taps'");
    }
    int even = channels + channels % 2;
    int[] order = new int[even * kernel];
    for (int i = 0; i < order.length; i++) {
      order[i] = i % even < channels ? i % even * kernel + i / even : -1;
    }
    return order;
  }

  private static int[] counted(int count) {
    int[] order = new int[count];
    Arrays.setAll(order, i -> i);
    return order;
  }
}
