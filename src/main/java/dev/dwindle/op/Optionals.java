package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Questions to an optional value, where it is a tensor or omitted; values of optional type do not occur at run time. */
final class Optionals {
  private Optionals() {}

  /** OptionalHasElement: whether the input is there. */
  static final class HasElement implements Operator {
    @Override
    public String name() {
      return "OptionalHasElement";
    }

    @Override
    public int since() {
      return 15;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return Inference.one(DType.BOOL, Shape.SCALAR);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      return List.of(Tensor.of(Shape.SCALAR, call.has(0)));
    }
  }

  /** OptionalGetElement: the input. */
  static final class GetElement implements Operator {
    @Override
    public String name() {
      return "OptionalGetElement";
    }

    @Override
    public int since() {
      return 15;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      ValueType type = call.type(0);
      return List.of(type instanceof ValueType.OptionalType o && o.element() != null ? o.element() : call.tensor(0));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      if (!call.has(0)) {
        throw call.invalid("input is omitted, expected an element to get");
      }
      return List.of(call.input(0));
    }
  }
}
