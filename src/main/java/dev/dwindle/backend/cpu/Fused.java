package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Activation;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.Operator;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/**
 * Nodes that exist only on the CPU backend's own copy of a graph: an operator together with what follows it. They keep
 * the operator's name and attributes, in a domain of their own, and name all the nodes that they stand for.
 */
final class Fused {
  /** The domain of fused nodes. */
  static final String DOMAIN = "dev.dwindle.cpu";

  private static final String ACTIVATION = "activation";
  private static final String LOW = "activation_low";
  private static final String HIGH = "activation_high";

  private Fused() {}

  /** Whether a node is this operator of ONNX, alone or fused. */
  static boolean is(Node node, String operator) {
    return node.operator().equals(operator) && (node.domain().isEmpty() || node.domain().equals(DOMAIN));
  }

  /** Whether a node is this operator of Dwindle's own domain. */
  static boolean isOwn(Node node, String operator) {
    return node.operator().equals(operator) && node.domain().equals(Operator.OWN_DOMAIN);
  }

  static boolean isFused(Node node) {
    return node.domain().equals(DOMAIN);
  }

  /** What a fused node applies at its end. */
  static Activation activation(Node node) {
    Call call = new Call(node);
    String kind = call.text(ACTIVATION, "");
    return kind.isEmpty() ? Activation.NONE
        : new Activation(Activation.Kind.valueOf(kind), call.real(LOW, 0), call.real(HIGH, 0));
  }

  static void setActivation(Node node, Activation activation) {
    node.setAttribute(Attribute.of(ACTIVATION, activation.kind().name()));
    node.setAttribute(Attribute.of(LOW, activation.low()));
    node.setAttribute(Attribute.of(HIGH, activation.high()));
  }

  /**
   * Puts a fused node in the place of {@code last}, whose output it makes; the nodes between are left without use.
   *
   * @param like gives operator and attributes
   */
  static Node replace(Node last, Node like, Value... inputs) {
    return replace(last, like, like.operator(), name(like) + "+" + name(last), inputs);
  }

  static Node replace(Node last, Node like, String operator, String name, Value... inputs) {
    Value old = last.output();
    NodeBuilder builder = last.graph().node(DOMAIN, operator).name(name).in(inputs)
        .out(old.name() + "_fused", old.type());
    if (like != null) {
      like.attributes().forEach(builder::attribute);
    }
    Node fused = builder.before(last);
    last.graph().replaceUses(old, fused.output());
    last.graph().remove(last);
    return fused;
  }

  /** A node's name, or its first output's where it has none. */
  static String name(Node node) {
    return node.name().isEmpty() && !node.outputs().isEmpty() && node.output() != null ? node.output().name()
        : node.name();
  }

  /** The static type of a value; null where it is not static. */
  static TensorType type(Value value) {
    TensorType type = value == null ? null : value.tensorType();
    return type != null && type.dtype() != null && type.isStatic() ? type : null;
  }

  static boolean isFloat(Value value) {
    TensorType type = type(value);
    return type != null && type.dtype() == DType.FLOAT;
  }

  /** The shape of a value of static type. */
  static Shape shape(Value value) {
    return value.tensorType().shape();
  }

  static int size(Value value) {
    return shape(value).intSize();
  }

  /** The only node that reads a value; null where there are several, or it leaves its graph. */
  static Node onlyReader(Value value) {
    return value.uses().size() == 1 && !value.isGraphOutput()
        && value.uses().getFirst().node().graph() == value.graph() ? value.uses().getFirst().node() : null;
  }

  /** The single float of a constant, or NaN where it is none. */
  static float scalar(Value value) {
    return value != null && value.isConstant() && value.tensor().dtype() == DType.FLOAT && value.tensor().size() == 1
        ? value.tensor().floats()[0] : Float.NaN;
  }
}
