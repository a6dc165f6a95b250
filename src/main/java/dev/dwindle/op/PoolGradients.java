package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Gradients of pools. */
final class PoolGradients {
  private PoolGradients() {}

  static List<Value> max(Backward call) {
    List<Attribute> attributes = new ArrayList<>(call.node().attributes());
    attributes.removeIf(a -> a.name().equals("storage_order"));
    return call.ops(Operator.OWN_DOMAIN, MaxPoolGradient.NAME, attributes, 1, call.input(0), call.gradient());
  }

  /** Each window's share of what it gave, spread over it. */
  static List<Value> average(Backward call) {
    PoolGeometry g = PoolGeometry.of(call, call.shape(0));
    WindowGeometry w = g.window();
    if (w.outputSize() == 1 && w.isUnpadded() && w.kernelSize() == w.inputSize()) return globalAverage(call);
    long[] kernel = new long[2 + g.window().rank()];
    kernel[0] = g.channels();
    kernel[1] = 1;
    for (int i = 0; i < g.window().rank(); i++) kernel[2 + i] = g.window().kernel()[i];
    double[] ones = new double[Shape.of(kernel).intSize()];
    Arrays.fill(ones, 1);
    Value shares = call.mul(call.gradient(), call.constant(shares(call, g)));
    Value weights = call.constant(Elements.ofDoubles(call.dtype(0), Shape.of(kernel), ones));
    return List.of(ConvolutionGradients.spread(call, shares, weights, g.window(), g.channels()));
  }

  /** One over the number of elements of each window. */
  private static Tensor shares(Backward call, PoolGeometry g) {
    int least = call.flag("count_include_pad", false) ? WindowTaps.PADDING : 0;
    double[] shares = new double[g.window().outputSize()];
    WindowTaps taps = new WindowTaps(g.window());
    for (int o = 0; o < shares.length; o++) {
      shares[o] = 1.0 / Arrays.stream(taps.next()).filter(offset -> offset >= least).count();
    }
    long[] dims = new long[2 + g.window().rank()];
    Arrays.fill(dims, 1);
    for (int i = 0; i < g.window().rank(); i++) dims[2 + i] = g.window().output()[i];
    return Elements.ofDoubles(call.dtype(0), Shape.of(dims), shares);
  }

  static List<Value> globalAverage(Backward call) {
    Shape shape = call.shape(0);
    Value share = call.mul(call.gradient(), call.scalarLike(0, 1.0 / shape.product(2, shape.rank())));
    return List.of(call.op("Expand", share, call.shapeOf(0)));
  }
}
