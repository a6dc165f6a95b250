package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** SwiGLU: the Swish of a gate times a value of the same shape. */
final class SwiGlu implements Operator {
  @Override
  public String name() {
    return "SwiGLU";
  }

  @Override
  public int since() {
    return 28;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return List.of(Broadcast.infer(call));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType type = Broadcast.type(call);
    if (!call.shape(0).equals(call.shape(1))) {
      throw call
          .invalid("gate is of shape " + call.shape(0) + " and value of " + call.shape(1) + ", expected one shape");
    }
    double alpha = call.real("alpha", 1);
    double[] gate = call.doubles(0);
    double[] value = call.doubles(1);
    for (int i = 0; i < gate.length; i++) {
      gate[i] *= UnaryMath.sigmoid(alpha * gate[i]) * value[i];
    }
    return List.of(Elements.ofDoubles(type, call.shape(0), gate));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    DType type = call.type(0).dtype();
    return type == null ? null : List.of(call.op("Mul", Activation.swish(call, type), call.input(1)));
  }
}
