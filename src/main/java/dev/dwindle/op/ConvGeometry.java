package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Node;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A convolution over inputs of known shape: input {@code [batch, channels, ...]}, weights {@code [features, channels /
 * groups, ...]}, output {@code [batch, features, ...]}.
 */
public record ConvGeometry(int batch, int channels, int features, int groups, WindowGeometry window) {

  /** The geometry of Conv, ConvInteger or QLinearConv with an input {@code x} and weights {@code w}. */
  public static ConvGeometry of(Call call, Shape x, Shape w) {
    if (x.rank() < 3 || w.rank() != x.rank()) {
      throw call.invalid("input " + x + " and weights " + w + ", expected [batch, channels, ...] and as many axes");
    }
    WindowAttributes window = WindowAttributes.of(call, Arrays.copyOfRange(w.dims(), 2, w.rank()));
    int groups = groups(call);
    requireChannels(call, x.dim(1), w.dim(0), w.dim(1));
    return new ConvGeometry(x.intDim(0), x.intDim(1), w.intDim(0), groups,
        window.over(Arrays.copyOfRange(x.dims(), 2, x.rank())));
  }

  /** The convolution of which a {@code dev.dwindle.ConvWeightGradient} of known shapes gives the weights' gradient. */
  public static ConvGeometry ofWeightGradient(Node node) {
    return ConvWeightGradient.geometry(new Call(node), node.input(0).tensorType().shape(),
        node.input(1).tensorType().shape());
  }

  /** The output's dimensions, or null where the input's rank is unknown; {@code x} and {@code w} may be null. */
  public static List<Dim> infer(Call call, List<Dim> x, List<Dim> w) {
    if (x == null) {
      return null;
    }
    if (x.size() < 3 || (w != null && w.size() != x.size())) {
      throw call.invalid("input " + x + " and weights " + w + ", expected [batch, channels, ...] and as many axes");
    }
    if (w != null && x.get(1).isKnown() && w.get(0).isKnown() && w.get(1).isKnown()) {
      requireChannels(call, x.get(1).size(), w.get(0).size(), w.get(1).size());
    }
    List<Dim> dims = new ArrayList<>(List.of(x.getFirst(), w == null ? Dim.unknown() : w.getFirst()));
    boolean known = w != null && w.subList(2, w.size()).stream().allMatch(Dim::isKnown);
    long[] kernel = known ? w.subList(2, w.size()).stream().mapToLong(Dim::size).toArray()
        : call.integers("kernel_shape", (long[]) null);
    dims.addAll(kernel == null ? Inference.unknownDims(x.size() - 2)
        : WindowAttributes.of(call, kernel).outputDims(x.subList(2, x.size())));
    return dims;
  }

  /** Input channels that one output feature reads. */
  public int groupChannels() {
    return channels / groups;
  }

  /** Output features of one group. */
  public int groupFeatures() {
    return features / groups;
  }

  /** Whether every group has one input channel. */
  public boolean isDepthwise() {
    return groups == channels && groups > 1;
  }

  /** The output's shape. */
  public Shape output() {
    long[] dims = new long[2 + window.rank()];
    dims[0] = batch;
    dims[1] = features;
    for (int i = 0; i < window.rank(); i++) {
      dims[2 + i] = window.output()[i];
    }
    return Shape.of(dims);
  }

  /** The attribute {@code group}, at least 1. */
  static int groups(Call call) {
    long groups = call.integer("group", 1);
    if (groups < 1 || groups > Integer.MAX_VALUE) {
      throw call.invalid("group is " + groups + ", expected 1 or more");
    }
    return (int) groups;
  }

  private static void requireChannels(Call call, long channels, long features, long weightChannels) {
    int groups = groups(call);
    if (weightChannels * groups != channels || features % groups != 0) {
      throw call.invalid("input has " + channels + " channels, weights are [" + features + ", " + weightChannels
          + ", ...], expected [a multiple of " + groups + ", " + channels + " / " + groups + ", ...]");
    }
  }
}
