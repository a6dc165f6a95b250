package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Identity: the output is the input. */
final class Identity implements Operator {
  @Override
  public String name() {
    return "Identity";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return List.of(call.type(0) == null ? call.tensor(0) : call.type(0));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    return List.of(call.required(0));
  }

  @Override
  public List<Dim> content(Inference call) {
    return call.content(0);
  }
}
