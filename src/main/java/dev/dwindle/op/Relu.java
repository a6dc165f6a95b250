package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Relu: the larger of zero and the element, of floating-point and signed integer tensors. */
final class Relu implements Operator {
  @Override
  public String name() {
    return "Relu";
  }

  @Override
  public int since() {
    return 6;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    if (call.dtype(0).isFloating()) {
      return List.of(UnaryMath.map(call.input(0), x -> Math.max(x, 0)));
    }
    long[] x = call.longs(0);
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.max(x[i], 0);
    }
    return List.of(Elements.ofLongs(call.dtype(0), call.shape(0), x));
  }
}
