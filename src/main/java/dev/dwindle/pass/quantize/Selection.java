package dev.dwindle.pass.quantize;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Quantization;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes of a graph are to be quantized.
 *
 * @param layers those that are, in order
 * @param skipped label and reason of those that might have been
 */
record Selection(List<Layer> layers, Map<String, String> skipped) {
  /**
   * Chooses by the target's gains, the recipe's settings and what each node allows.
   *
   * @param dynamic whether activations are to be quantized in each run
   */
  static Selection of(List<Node> nodes, TargetProfile target, Settings settings, boolean dynamic) {
    Set<String> gains = dynamic ? Mode.PRODUCTS : target.int8Operators();
    List<Layer> layers = new ArrayList<>();
    Map<String, String> skipped = new LinkedHashMap<>();
    Patterns excluded = new Patterns(settings.words("exclude"));
    List<String> wanted = settings.words("operators");
    for (Node node : nodes) {
      String reason = reasonToSkip(node, target.name(), gains, wanted, excluded);
      if (reason == null) {
        switch (Layer.of(node)) {
          case Layer.Quantizable q when dynamic && DynamicEditor.refusal(q.layer()) != null ->
            reason = DynamicEditor.refusal(q.layer());
          case Layer.Quantizable q when ofActivations(q.layer()) && !settings.flag("activation_products") ->
            reason = "both of its inputs are activations; 'activation_products' quantizes such";
          case Layer.Quantizable q -> layers.add(q.layer());
          case Layer.Refused r -> reason = r.reason();
        }
      }
      if (reason != null && !reason.isEmpty()) {
        skipped.put(node.label(), reason);
      }
    }
    return new Selection(layers, skipped);
  }

  /** Null for a node to quantize, empty for one that nobody would expect to be, else the reason. */
  private static String reasonToSkip(Node node, String target, Set<String> gains, List<String> wanted,
      Patterns excluded) {
    if (!node.domain().isEmpty()) {
      return "operator of domain " + node.domain() + ", carried along";
    }
    if (Quantization.has(node)) {
      return "quantized already";
    }
    if (!node.subgraphs().isEmpty()) {
      return "its subgraphs are left alone";
    }
    if (!wanted.isEmpty() && !wanted.contains(node.operator())) {
      return gains.contains(node.operator()) ? "not among the recipe's operators" : "";
    }
    if (!gains.contains(node.operator())) {
      return wanted.isEmpty() ? "" : "target " + target + " gains nothing by it";
    }
    if (excluded.matches(node)) {
      return "excluded by the recipe";
    }
    if (node.inputs().stream().anyMatch(Selection::isDequantized)) {
      return "quantized already";
    }
    return node.inputs().stream().anyMatch(Selection::isNotFloat) ? "its inputs are not of type float" : null;
  }

  private static boolean ofActivations(Layer layer) {
    return layer.node().is("MatMul") && layer.weight() < 0;
  }

  private static boolean isDequantized(Value value) {
    return value != null && value.producer() != null && value.producer().is("DequantizeLinear");
  }

  private static boolean isNotFloat(Value value) {
    TensorType type = value == null ? null : value.tensorType();
    return type != null && type.dtype() != null && type.dtype() != DType.FLOAT;
  }
}
