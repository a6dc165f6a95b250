package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * {@code dev.dwindle.MaxPoolGradient}: the gradient of a MaxPool's input from that input and the gradient of its output. Each window's goes to the
 * element that the pool names as the greatest, the first where several are; to compare the input with the output would give a gradient to each of
 * them. The attributes are MaxPool's own, but for storage_order.
 */
final class MaxPoolGradient implements Operator {
  static final String NAME = "MaxPoolGradient";

  @Override
  public String domain() {
    return OWN_DOMAIN;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    PoolGeometry g = PoolGeometry.of(call, call.shape(0));
    if (!g.output().equals(call.shape(1))) {
      throw call.invalid("gradient has shape " + call.shape(1) + ", expected " + g.output());
    }
    double[] slopes = call.doubles(1);
    double[] at = g.reduce(call.doubles(0), MaxPool::greatest);
    double[] sums = new double[call.shape(0).intSize()];
    for (int i = 0; i < at.length; i++) {
      if (at[i] >= 0) sums[(int) at[i]] += slopes[i];
    }
    return List.of(Elements.ofDoubles(call.dtype(0), call.shape(0), sums));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    if (!call.type(0).isStatic()) return null;
    Shape shape = call.type(0).shape();
    Value places = call.ops("MaxPool", List.copyOf(call.node().attributes()), 2, call.input(0)).get(1);
    Value zeros = call.op("Expand", call.scalar(call.type(0).dtype(), 0), call.integers(shape.size()));
    Value sums = call.op("ScatterElements", List.of(Attribute.of("axis", 0), Attribute.of("reduction", "add")), zeros,
        call.reshaped(places, -1), call.reshaped(call.input(1), -1));
    return List.of(call.reshaped(sums, shape.dims()));
  }
}
