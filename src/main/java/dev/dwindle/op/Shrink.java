package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Conversion;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Shrink: elements within {@code lambd} of zero become zero, the others come nearer to it by {@code bias}. */
final class Shrink implements Operator {
  @Override
  public String name() {
    return "Shrink";
  }

  @Override
  public int since() {
    return 9;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    double limit = call.real("lambd", 0.5f);
    double bias = call.real("bias", 0);
    DoubleUnaryOperator shrink = x -> x < -limit ? x + bias : x > limit ? x - bias : 0;
    if (call.dtype(0).isFloating()) {
      return List.of(UnaryMath.map(call.input(0), shrink));
    }
    double[] x = call.doubles(0);
    for (int i = 0; i < x.length; i++) {
      x[i] = shrink.applyAsDouble(x[i]);
    }
    return List.of(Conversion.truncated(call.dtype(0), call.shape(0), x));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    DType type = call.type(0).dtype();
    if (type == null || !type.isFloating()) {
      return null;
    }
    Value x = call.input(0);
    Value bias = call.scalar(type, call.real("bias", 0));
    Value low = call.op("Less", x, call.scalar(type, -call.real("lambd", 0.5f)));
    Value high = call.op("Greater", x, call.scalar(type, call.real("lambd", 0.5f)));
    Value upper = call.op("Where", high, call.op("Sub", x, bias), call.scalar(type, 0));
    return List.of(call.op("Where", low, call.op("Add", x, bias), upper));
  }
}
