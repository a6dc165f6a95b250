package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code dev.dwindle.ConvWeightGradient}: the gradient of a Conv's weights from the input X {@code [batch, channels, ...]} and the gradient of its
 * output {@code [batch, features, ...]}: the sum over all images and places of what a tap reads times the gradient there, of shape
 * {@code [features, channels / group, ...]}. The attributes are Conv's own, with kernel_shape and explicit pads.
 */
final class ConvWeightGradient implements Operator {
  static final String NAME = "ConvWeightGradient";

  /** The node for a Conv. */
  static Value node(Backward conv, ConvGeometry g) {
    WindowGeometry w = g.window();
    List<Attribute> attributes = ConvolutionGradients.attributes(g.groups(), w.strides(), w.dilations(),
        ConvolutionGradients.pads(w));
    attributes.add(Attribute.of("kernel_shape", ConvolutionGradients.longs(w.kernel())));
    return conv.ops(OWN_DOMAIN, NAME, attributes, 1, conv.input(0), conv.gradient()).getFirst();
  }

  @Override
  public String domain() {
    return OWN_DOMAIN;
  }

  @Override
  public String name() {
    return NAME;
  }

  private static long[] kernel(Call call) {
    long[] kernel = call.integers("kernel_shape", (long[]) null);
    if (kernel == null || kernel.length == 0
        || Arrays.stream(kernel).anyMatch(size -> size < 1 || size > Integer.MAX_VALUE)) {
      throw call.invalid("kernel_shape is " + Arrays.toString(kernel) + ", expected 1 or more for each spatial axis");
    }
    return kernel;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    long[] kernel = kernel(call);
    call.requireRank(0, kernel.length + 2, kernel.length + 2);
    call.requireRank(1, kernel.length + 2, kernel.length + 2);
    List<Dim> x = call.dims(0);
    List<Dim> y = call.dims(1);
    List<Dim> dims = new ArrayList<>();
    dims.add(y == null ? Dim.unknown() : y.get(1));
    Dim channels = x == null ? Dim.unknown() : x.get(1);
    long groups = ConvGeometry.groups(call);
    dims.add(groups == 1 ? channels : channels.isKnown() ? Dim.of(channels.size() / groups) : Dim.unknown());
    for (long size : kernel) dims.add(Dim.of(size));
    return Inference.one(call.dtype(0), dims);
  }

  /** The convolution whose weights' gradient this is. */
  static ConvGeometry geometry(Call call, Shape x, Shape y) {
    long[] kernel = kernel(call);
    if (x.rank() != kernel.length + 2 || y.rank() != x.rank() || x.dim(0) != y.dim(0)) {
      throw call.invalid(
          "input " + x + " and gradient " + y + ", expected [batch, channels, ...] and [batch, features, ...] of "
              + kernel.length + " spatial axes");
    }
    long[] weights = new long[x.rank()];
    weights[0] = y.dim(1);
    weights[1] = x.dim(1) / ConvGeometry.groups(call);
    System.arraycopy(kernel, 0, weights, 2, kernel.length);
    ConvGeometry g = ConvGeometry.of(call, x, Shape.of(weights));
    if (!g.output().equals(y)) throw call.invalid("gradient has shape " + y + ", expected " + g.output());
    return g;
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    ConvGeometry g = geometry(call, call.shape(0), call.shape(1));
    double[] x = call.doubles(0);
    double[] y = call.doubles(1);
    int in = g.window().inputSize();
    int out = g.window().outputSize();
    int taps = g.window().kernelSize();
    double[] sums = new double[g.features() * g.groupChannels() * taps];
    WindowTaps places = new WindowTaps(g.window());
    for (int o = 0; o < out; o++) {
      int[] offsets = places.next();
      for (int image = 0; image < g.batch(); image++) {
        for (int f = 0; f < g.features(); f++) {
          double slope = y[(image * g.features() + f) * out + o];
          int plane = (image * g.groups() + f / g.groupFeatures()) * g.groupChannels();
          int to = f * g.groupChannels() * taps;
          for (int c = 0; c < g.groupChannels(); c++) {
            for (int t = 0; t < taps; t++) {
              if (offsets[t] >= 0) sums[to + c * taps + t] += slope * x[(plane + c) * in + offsets[t]];
            }
          }
        }
      }
    }
    long[] dims = new long[2 + g.window().rank()];
    dims[0] = g.features();
    dims[1] = g.groupChannels();
    for (int i = 2; i < dims.length; i++) dims[i] = g.window().kernel()[i - 2];
    return List.of(Elements.ofDoubles(call.dtype(0), Shape.of(dims), sums));
  }

  /** A convolution in which batch and channels change places, and strides and dilations too. */
  @Override
  public List<Value> decompose(Expansion call) {
    if (!call.type(0).isStatic() || !call.type(1).isStatic()) return null;
    Shape x = call.type(0).shape();
    ConvGeometry g = geometry(call, x, call.type(1).shape());
    return Arrays.asList(ConvolutionGradients.weights(call, call.input(0), call.input(1), x, g.window(), g.groups()));
  }
}
