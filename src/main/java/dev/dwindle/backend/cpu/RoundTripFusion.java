package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Tensor;

/** QuantizeLinear, then DequantizeLinear by the same one scale and zero point: a rounding of floats. */
final class RoundTripFusion implements Fusion {
  static final String OPERATOR = "QuantizeDequantize";

  @Override
  public boolean apply(Node node) {
    Node quantize = node.is("DequantizeLinear") ? node.producer(0) : null;
    if (quantize == null || !quantize.is("QuantizeLinear") || quantize.graph() != node.graph()
        || !Fused.isFloat(quantize.input(0)) || !Fused.isFloat(node.output()) || !Bytes.is(quantize.output())
        || !QuantizeKernel.isPlain(quantize) || !QuantizeKernel.isPlain(node)
        || quantize.input(1).tensor().size() != 1
        || !same(quantize.input(1), node.input(1)) || !sameZero(quantize, node)) {
      return false;
    }
    Fused.replace(node, null, OPERATOR, Fused.name(quantize) + "+" + Fused.name(node), quantize.input(0),
        quantize.input(1), quantize.input(2));
    return true;
  }

  private static boolean same(Value a, Value b) {
    return a == b || a.tensor().contentEquals(b.tensor());
  }

  private static boolean sameZero(Node quantize, Node dequantize) {
    Value a = quantize.input(2);
    Value b = dequantize.input(2);
    if (a == null || b == null) {
      Tensor zero = a == null ? b == null ? null : b.tensor() : a.tensor();
      // Without a zero point the bytes are unsigned.
      return zero == null || (zero.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0) == 0 && a == null);
    }
    return same(a, b);
  }
}
