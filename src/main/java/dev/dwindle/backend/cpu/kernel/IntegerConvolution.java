package dev.dwindle.backend.cpu.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * A convolution of 8-bit images prepared for one shape, exact to the bit: ONNX ConvInteger with 32-bit results and
 * QLinearConv with requantized ones. Padding counts as the zero point. Channels are dealt out to parts whose sums a
 * float holds exactly.
 */
public final class IntegerConvolution {
  private final Convolution.Shape shape;
  private final int channelsOfPart;
  private final boolean constant;
  private final Depthwise depthwise;
  private final List<Convolution> parts = new ArrayList<>();

  private IntegerConvolution(Convolution.Shape shape, float[] weights) {
    this.shape = shape;
    constant = weights != null;
    channelsOfPart = channelsOfPart(shape, weights);
    if (shape.channels() == 1 && shape.groups() > 1) {
      Depthwise.Shape each = new Depthwise.Shape(shape.batch(), shape.groups(), shape.features(), shape.window());
      depthwise = constant ? Depthwise.withWeights(each, Finish.NONE, weights) : Depthwise.of(each, Finish.NONE);
      return;
    }
    depthwise = null;
    for (int from = 0; from < shape.channels(); from += channelsOfPart) {
      Convolution.Shape part = new Convolution.Shape(shape.batch(), shape.groups(), channels(from), shape.features(),
          shape.window());
      if (constant) {
        float[] values = new float[features() * part.depth()];
        for (int f = 0; f < features(); f++) {
          int at = f * shape.depth() + from * shape.window().taps();
          System.arraycopy(weights, at, values, f * part.depth(), part.depth());
        }
        parts.add(Convolution.withWeights(part, Finish.NONE, values));
      } else {
        parts.add(Convolution.of(part, Finish.NONE));
      }
    }
  }

  private static int channelsOfPart(Convolution.Shape shape, float[] weights) {
    int taps = shape.window().taps();
    int features = shape.groups() * shape.features();
    for (int channels = shape.channels(); channels >= 1; channels = channels / 2) {
      int terms = channels * taps;
      boolean exact = weights == null
          ? ExactSums.exact(terms)
          : ExactSums.exact(weights, features, shape.depth(), shape.depth(), 1, terms);
      if (exact) {
        return channels;
      }
    }
    throw new IllegalArgumentException(
        "integer convolution: a window of %d taps, whose sums a float may not hold exactly"
            .formatted(taps));
  }

  /** A convolution with weights known only when it runs. */
  public static IntegerConvolution of(Convolution.Shape shape) {
    return new IntegerConvolution(shape, null);
  }

  /**
   * A convolution with constant weights, expanded and packed here.
   *
   * @param weights features of all groups, channels of one group, height, width; one zero point, or one for each feature
   */
  public static IntegerConvolution withWeights(Convolution.Shape shape, Quantized weights) {
    int features = shape.groups() * shape.features();
    float[] values = new float[features * shape.depth()];
    for (int f = 0; f < features; f++) {
      ByteLoops.expand(weights.values(), f * shape.depth(), weights.zero(f), values, f * shape.depth(), shape.depth());
    }
    return new IntegerConvolution(shape, values);
  }

  private int features() {
    return shape.groups() * shape.features();
  }

  private int channels(int from) {
    return Math.min(channelsOfPart, shape.channels() - from);
  }

  private int imageFloats() {
    return Math.multiplyExact(shape.batch() * shape.groups() * shape.channels(), shape.window().inPlane());
  }

  private int kernelFloats() {
    return constant ? 0 : Math.multiplyExact(features(), shape.depth());
  }

  private int results() {
    return Math.multiplyExact(shape.batch() * features(), shape.window().outPlane());
  }

  /** Floats of scratch, shared by the threads, that {@link #on} expects. */
  public int scratch() {
    int largest = 0;
    for (Convolution part : parts) {
      largest = Math.max(largest, part.scratch());
    }
    return imageFloats() + kernelFloats() + results() + largest;
  }

  /**
   * Binds the convolution to its memory, with 32-bit results.
   *
   * @param image N, C, H, W with one zero point, read at each run
   * @param kernel null where the weights are constant; else as {@link #withWeights} says
   * @param result N, features, H', W'
   */
  public Step on(Quantized image, Quantized kernel, IntSlice result, Slice scratch) {
    Slice kernels = scratch.plus(imageFloats());
    Slice sums = kernels.plus(kernelFloats());
    Slice rest = sums.plus(results());
    List<Step> steps = new ArrayList<>();
    int plane = shape.window().inPlane();
    for (int p = 0; p < parts.size(); p++) {
      Slice from = scratch.plus(shape.batch() * shape.groups() * p * channelsOfPart * plane);
      Slice by = constant ? null : kernels.plus(features() * p * channelsOfPart * shape.window().taps());
      steps.add(parts.get(p).on(from, by, sums, null, rest));
    }
    if (depthwise != null) {
      steps.add(depthwise.on(scratch, constant ? null : kernels, sums, null));
    }
    Step add = ExactSums.add(steps, sums, result, results());
    Workers.Task expandImage = (channel, local) -> expandImage(channel, image, scratch);
    Workers.Task expandKernel = (feature, local) -> expandKernel(feature, kernel, kernels);
    return workers -> {
      workers.run(shape.batch() * shape.groups() * shape.channels(), expandImage);
      if (!constant) {
        workers.run(features(), expandKernel);
      }
      add.run(workers);
    };
  }

  /** Binds the convolution to its memory, with requantized results; a channel is a feature. */
  public Step on(Quantized image, Quantized kernel, ByteSlice result, Requantization scales, Slice scratch) {
    IntSlice sums = new IntSlice(new int[results()], 0);
    Step convolution = on(image, kernel, sums, scratch);
    int n = shape.window().outPlane();
    Workers.Task requantize = (plane, local) -> scales.channel(plane % features(), sums.array(), plane * n,
        result.array(), result.offset() + plane * n, n);
    return workers -> {
      convolution.run(workers);
      workers.run(shape.batch() * features(), requantize);
    };
  }

  /** Expands one channel, to where its part expects it: part by part, in each image by image, group by group. */
  private void expandImage(int piece, Quantized image, Slice floats) {
    int plane = shape.window().inPlane();
    int channel = piece % shape.channels();
    int member = piece / shape.channels();
    int from = channel / channelsOfPart * channelsOfPart;
    int at = shape.batch() * shape.groups() * from + member * channels(from) + channel - from;
    ByteLoops.expand(image.values(), piece * plane, image.zero(0), floats.array(), floats.offset() + at * plane, plane);
  }

  private void expandKernel(int feature, Quantized kernel, Slice floats) {
    int taps = shape.window().taps();
    for (int from = 0; from < shape.channels(); from += channelsOfPart) {
      int n = channels(from) * taps;
      int at = features() * from * taps + feature * n;
      int source = feature * shape.depth() + from * taps;
      ByteLoops.expand(kernel.values(), source, kernel.zero(feature), floats.array(), floats.offset() + at, n);
    }
  }
}
