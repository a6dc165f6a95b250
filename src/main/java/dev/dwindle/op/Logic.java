package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Logic of BOOL tensors and the same on the bits of integers, with broadcasting. */
final class Logic implements Operator {
  private enum Gate {
    AND,
    OR,
    XOR,
    NOT
  }

  static final Operator AND = new Logic("And", 7, Gate.AND, true);
  static final Operator OR = new Logic("Or", 7, Gate.OR, true);
  static final Operator XOR = new Logic("Xor", 7, Gate.XOR, true);
  static final Operator NOT = new Logic("Not", 1, Gate.NOT, true);
  static final Operator BITWISE_AND = new Logic("BitwiseAnd", 18, Gate.AND, false);
  static final Operator BITWISE_OR = new Logic("BitwiseOr", 18, Gate.OR, false);
  static final Operator BITWISE_XOR = new Logic("BitwiseXor", 18, Gate.XOR, false);
  static final Operator BITWISE_NOT = new Logic("BitwiseNot", 18, Gate.NOT, false);

  private final String name;
  private final int since;
  private final Gate gate;
  private final boolean logical;

  private Logic(String name, int since, Gate gate, boolean logical) {
    this.name = name;
    this.since = since;
    this.gate = gate;
    this.logical = logical;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int since() {
    return since;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    DType type = call.dtype(0);
    if (type != null) {
      requireType(call, type);
    }
    return List.of(Broadcast.infer(call));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType type = Broadcast.type(call);
    requireType(call, type);
    Shape shape = Broadcast.shape(call);
    long[] a = Broadcast.expand(call.longs(0), call.shape(0), shape);
    long[] b = gate == Gate.NOT ? a : Broadcast.expand(call.longs(1), call.shape(1), shape);
    for (int i = 0; i < a.length; i++) {
      a[i] = switch (gate) {
        case AND -> a[i] & b[i];
        case OR -> a[i] | b[i];
        case XOR -> a[i] ^ b[i];
        case NOT -> logical ? 1 - a[i] : ~a[i];
      };
    }
    return List.of(Elements.ofLongs(type, shape, a));
  }

  private void requireType(Call call, DType type) {
    if (logical ? type != DType.BOOL : !type.isInteger()) {
      throw call.invalid("input is of type " + type.text() + ", expected " + (logical ? "bool" : "an integer type"));
    }
  }
}
