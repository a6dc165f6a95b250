package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** PRelu: negative elements times a slope that broadcasts to the input. */
final class PRelu implements Operator {
  @Override
  public String name() {
    return "PRelu";
  }

  @Override
  public int since() {
    return 7;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    Broadcast.infer(call);
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType type = Broadcast.type(call);
    Shape shape = call.shape(0);
    if (!type.isFloating()) {
      long[] x = call.longs(0);
      long[] slope = Broadcast.onto(call, call.longs(1), call.shape(1), shape);
      for (int i = 0; i < x.length; i++) {
        x[i] = x[i] < 0 && !type.isUnsigned() ? x[i] * slope[i] : x[i];
      }
      return List.of(Elements.ofLongs(type, shape, x));
    }
    double[] x = call.doubles(0);
    double[] slope = Broadcast.onto(call, 1, shape);
    for (int i = 0; i < x.length; i++) {
      x[i] = x[i] < 0 ? x[i] * slope[i] : x[i];
    }
    return List.of(Elements.ofDoubles(type, shape, x));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    DType type = call.type(0).dtype();
    if (type == null || !type.isFloating() || call.version() < 8) {
      return null;
    }
    Value zero = call.scalar(type, 0);
    Value below = call.op("Mul", call.input(1), call.op("Min", call.input(0), zero));
    return List.of(call.op("Add", call.op("Max", call.input(0), zero), below));
  }
}
