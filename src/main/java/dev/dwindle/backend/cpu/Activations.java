package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Activation;
import dev.dwindle.backend.cpu.kernel.Activation.Kind;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;

/** Which nodes are activations that kernels can apply to their results. */
final class Activations {
  private Activations() {}

  /** The activation that a node of one data input is, or null. */
  static Activation of(Node node) {
    if (!node.domain().isEmpty() && !Fused.isFused(node)) {
      return null;
    }
    Call call = new Call(node);
    return switch (node.operator()) {
      case "Relu" -> Activation.RELU;
      case "Clip" -> clip(node, call);
      case "LeakyRelu" -> new Activation(Kind.LEAKY_RELU, call.real("alpha", 0.01f), 0);
      case "HardSigmoid" -> new Activation(Kind.HARD_SIGMOID, call.real("alpha", 0.2f), call.real("beta", 0.5f));
      case "HardSwish" -> plain(Kind.HARD_SWISH);
      case "Sigmoid" -> plain(Kind.SIGMOID);
      case "Swish" -> call.real("alpha", 1) == 1 ? plain(Kind.SILU) : null;
      case "Tanh" -> plain(Kind.TANH);
      case "Gelu" -> plain(call.text("approximate", "none").equals("tanh") ? Kind.GELU_TANH : Kind.GELU);
      case "Erf" -> plain(Kind.ERF);
      case "Exp" -> plain(Kind.EXP);
      default -> null;
    };
  }

  private static Activation plain(Kind kind) {
    return new Activation(kind, 0, 0);
  }

  private static Activation clip(Node node, Call call) {
    if (node.version() < 11) {
      return Activation.clip(call.real("min", -Float.MAX_VALUE), call.real("max", Float.MAX_VALUE));
    }
    float low = bound(node.input(1), Float.NEGATIVE_INFINITY);
    float high = bound(node.input(2), Float.POSITIVE_INFINITY);
    return Float.isNaN(low) || Float.isNaN(high) ? null : Activation.clip(low, high);
  }

  private static float bound(Value value, float otherwise) {
    return value == null ? otherwise : Fused.scalar(value);
  }
}
