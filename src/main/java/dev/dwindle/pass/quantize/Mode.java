package dev.dwindle.pass.quantize;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import java.util.Set;

/**
 * When the ranges of activations are found: ahead, from calibration samples, or in each run of the model.
 *
 * @param reason why, as the report says it
 */
record Mode(boolean dynamic, String reason) {
  /** The operators that dynamic quantization takes. */
  static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm");
  private static final Set<String> WEIGHTED = Set.of("MatMul", "Gemm", "Conv", "ConvTranspose");

  /** What the recipe says; where it leaves that open, what the samples and the net allow. */
  static Mode of(Graph graph, PassContext context) {
    String setting = context.settings().word("mode");
    if (!setting.equals("auto")) {
      return new Mode(setting.equals("dynamic"), "the recipe says so");
    }
    long samples = context.calibration().count();
    if (samples > 0) {
      return new Mode(false, "there are " + samples + " calibration samples");
    }
    long percent = Math.round(100 * shareOfProducts(graph));
    boolean gains = context.target().dynamicProducts() && percent >= 50;
    return new Mode(gains,
        "there are no calibration samples, and MatMul and Gemm hold " + percent + " % of the weights");
  }

  private static double shareOfProducts(Graph graph) {
    double all = 0;
    double products = 0;
    for (Node node : graph.nodes()) {
      Value weight = node.input(1);
      if (node.domain().isEmpty() && WEIGHTED.contains(node.operator()) && weight != null && weight.isConstant()) {
        all += weight.tensor().size();
        products += PRODUCTS.contains(node.operator()) ? weight.tensor().size() : 0;
      }
    }
    return all == 0 ? 0 : products / all;
  }

  /** As the report says it. */
  String text() {
    return (dynamic ? "dynamic" : "static") + ", since " + reason;
  }
}
