package dev.dwindle.op;

import dev.dwindle.graph.Node;
import java.util.Set;

/** The operators of ONNX that read or write quantized integers: where one stands, a model is quantized already. */
public final class Quantization {
  private static final Set<String> OPERATORS = Set.of("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear",
      "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger");

  private Quantization() {}

  public static boolean has(Node node) {
    return node.domain().isEmpty() && OPERATORS.contains(node.operator());
  }
}
