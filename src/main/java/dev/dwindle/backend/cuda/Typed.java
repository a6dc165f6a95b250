package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Questions about values of which something may not be known yet. */
final class Typed {
  private static final List<DType> REALS = List.of(DType.FLOAT, DType.FLOAT16, DType.BFLOAT16);

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

  /** Whether the values that are there may all be of one type, FLOAT, FLOAT16 or BFLOAT16: those in which {@code real.cuh} has numbers. */
  static boolean areReal(List<Value> values) {
    return REALS.stream().anyMatch(dtype -> values.stream().allMatch(v -> v == null || mayBe(v, dtype)));
  }

  /** Whether all inputs and outputs that a node has may be of one of those types, and it has as many inputs. */
  static boolean isReal(Node node, int inputs) {
    return node.inputs().size() == inputs && node.outputs().size() == 1 && areReal(values(node));
  }

  /** A node's inputs and then its outputs; null for those that are missing. */
  static List<Value> values(Node node) {
    List<Value> values = new ArrayList<>(node.inputs());
    values.addAll(node.outputs());
    return values;
  }

  /** The type of the elements of a value of known type. */
  static DType dtype(Value value) {
    return value.isConstant() ? value.tensor().dtype() : value.tensorType().dtype();
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
