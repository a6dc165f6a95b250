package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Gradients of convolutions, of any number of spatial axes and in groups, by convolutions: that of the input is the transposed convolution of
 * the gradient, that of the weights the convolution of the input with the gradient where batch and channels are exchanged, and strides and dilations too.
 */
final class ConvolutionGradients {
  private ConvolutionGradients() {}

  static List<Value> conv(Backward call) {
    ConvGeometry g = ConvGeometry.of(call, call.shape(0), call.shape(1));
    return Arrays.asList(
        call.needs(0) ? spread(call, call.gradient(), call.input(1), g.window(), g.groups()) : null,
        call.needs(1) ? ConvWeightGradient.node(call, g) : null,
        call.needs(2) ? bias(call) : null);
  }

  static List<Value> convTranspose(Backward call) {
    ConvTransposeGeometry g = ConvTransposeGeometry.of(call, call.shape(0), call.shape(1));
    Shape output = g.output();
    return Arrays.asList(
        call.needs(0) ? gather(call, g) : null,
        call.needs(1) ? weights(call, call.gradient(), call.input(0), output, g.window(), g.groups()) : null,
        call.needs(2) ? bias(call) : null);
  }

  private static Value bias(Backward call) {
    long[] axes = LongStream.range(1, call.rank(0)).toArray();
    axes[0] = 0;
    return call.op("ReduceSum", List.of(Attribute.of("keepdims", 0)), call.gradient(), call.integers(axes));
  }

  /** Each element of {@code y}, at the window's output, times the kernel, added to what the window reads: of the input's extent. */
  static Value spread(Backward call, Value y, Value kernel, WindowGeometry w, int groups) {
    int rank = w.rank();
    long[] more = IntStream.range(0, rank).mapToLong(i -> Math.max(0, -w.overhang(i))).toArray();
    List<Attribute> attributes = attributes(groups, w.strides(), w.dilations(), pads(w));
    // Runtimes refuse more output padding than a stride; what no window reads has no gradient.
    boolean fits = IntStream.range(0, rank).allMatch(i -> more[i] < Math.max(w.strides()[i], w.dilations()[i]));
    if (fits) attributes.add(Attribute.of("output_padding", more));
    Value x = call.op("ConvTranspose", attributes, y, kernel);
    return fits ? x : padded(call, x, more);
  }

  private static Value padded(Backward call, Value x, long[] behind) {
    long[] pads = new long[2 * (behind.length + 2)];
    System.arraycopy(behind, 0, pads, behind.length + 4, behind.length);
    return call.op("Pad", x, call.integers(pads));
  }

  /** The convolution whose gradient a transposed convolution is. */
  private static Value gather(Backward call, ConvTransposeGeometry g) {
    WindowGeometry w = g.window();
    Value x = call.op("Conv", attributes(g.groups(), w.strides(), w.dilations(), pads(w)), call.gradient(),
        call.input(1));
    return cut(call, x, w.output());
  }

  /**
   * The sum over all images and places of what a tap reads times the gradient there.
   *
   * @param x what the window reads, of this shape
   * @param y at the window's output
   * @return of shape {@code [features of y, channels of x / groups, kernel...]}
   */
  static Value weights(Building call, Value x, Value y, Shape shape, WindowGeometry w, int groups) {
    int rank = shape.rank();
    Value images = exchanged(call, x, shape, groups);
    Value kernels = call.transposed(y, exchange(rank));
    Value sums = call.op("Conv", attributes(groups, w.dilations(), w.strides(), pads(w)), images, kernels);
    return call.transposed(cut(call, sums, w.kernel()), exchange(rank));
  }

  /** Padding in front as the window has it, and behind as far as its last tap reaches. */
  static long[] pads(WindowGeometry w) {
    long[] pads = new long[2 * w.rank()];
    for (int i = 0; i < w.rank(); i++) {
      pads[i] = w.padBegin()[i];
      pads[w.rank() + i] = Math.max(0, w.overhang(i));
    }
    return pads;
  }

  /** {@code [batch, groups channels, ...]} as {@code [channels, groups batch, ...]}. */
  private static Value exchanged(Building call, Value x, Shape shape, int groups) {
    if (groups == 1) return call.transposed(x, exchange(shape.rank()));
    long[] spatial = Arrays.copyOfRange(shape.dims(), 2, shape.rank());
    long channels = shape.dim(1) / groups;
    Value split = call.reshaped(x, joined(spatial, shape.dim(0), groups, channels));
    int[] order = IntStream.range(0, shape.rank() + 1).toArray();
    order[0] = 2;
    order[2] = 0;
    return call.reshaped(call.transposed(split, order), joined(spatial, channels, groups * shape.dim(0)));
  }

  private static long[] joined(long[] last, long... first) {
    return LongStream.concat(Arrays.stream(first), Arrays.stream(last)).toArray();
  }

  private static int[] exchange(int rank) {
    int[] order = IntStream.range(0, rank).toArray();
    order[0] = 1;
    order[1] = 0;
    return order;
  }

  /** The first places of each spatial axis. */
  private static Value cut(Building call, Value x, int[] sizes) {
    long[] axes = LongStream.range(2, 2 + sizes.length).toArray();
    return call.op("Slice", x, call.integers(new long[sizes.length]), call.integers(longs(sizes)), call.integers(axes));
  }

  static List<Attribute> attributes(int groups, int[] strides, int[] dilations, long[] pads) {
    return new ArrayList<>(List.of(Attribute.of("group", groups),
        Attribute.of("strides", longs(strides)),
        Attribute.of("dilations", longs(dilations)), Attribute.of("pads", pads)));
  }

  static long[] longs(int[] numbers) {
    return Arrays.stream(numbers).asLongStream().toArray();
  }
}
