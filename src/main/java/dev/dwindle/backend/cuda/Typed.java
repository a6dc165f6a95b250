package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/** Questions about values of which something may not be known yet. */
final class Typed {
  private Typed() {}

  /** Whether a node is this operator of ONNX. */
  static boolean is(Node node, String operator) {
    return node.domain().isEmpty() && node.operator().equals(operator);
  }

  /** Whether a node is this operator of Dwindle's own domain. */
  static boolean isOwn(Node node, String operator) {
    return node.domain().equals(Operator.OWN_DOMAIN) && node.operator().equals(operator);
  }

  /** Whether a value is there and, as far as is known, of this type. */
  static boolean mayBe(Value value, DType dtype) {
    if (value == null) return false;
    TensorType type = value.tensorType();
    return type == null ? value.type() == null : type.dtype() == null || type.dtype() == dtype;
  }

  /** Whether all inputs and outputs that a node has may be FLOAT, and it has as many inputs. */
  static boolean isFloat(Node node, int inputs) {
    return node.inputs().size() == inputs && node.inputs().stream().allMatch(v -> mayBe(v, DType.FLOAT))
        && node.outputs().size() == 1 && mayBe(node.output(), DType.FLOAT);
  }

  /** The shape of a value of static type. */
  static Shape shape(Value value) {
    return value.tensorType().shape();
  }

  /**
   * Requires that inputs from one on are constants, where they are there.
   *
   * @throws RefusedException where one depends on data
   */
  static void requireConstants(Node node, int from) {
    for (int i = from; i < node.inputs().size(); i++) {
      Value input = node.input(i);
      if (input != null && !input.isConstant())
        throw new RefusedException("input '" + input.name() + "' depends on data");
    }
  }

  static boolean isStatic(Value value) {
    TensorType type = value == null ? null : value.tensorType();
    return value == null || value.isConstant() || type != null && type.dtype() != null && type.isStatic();
  }
}
