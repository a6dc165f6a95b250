package dev.dwindle.pass.quantize;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Set;

/**
 * Keeps layers in FLOAT that are to stay so. ONNX Runtime quantizes the FLOAT weights of a Conv, ConvTranspose or Gemm that stands between
 * DequantizeLinear and QuantizeLinear by itself, with one scale for all channels, which ruins depthwise convolutions (its transformer
 * WeightBiasQuantization, 1.29 and 1.32). A Clip to what the dequantized numbers cannot exceed anyway is all it takes for it not to.
 */
final class FloatGuard {
  private static final int FIRST_CLIP_WITH_INPUTS = 11;

  private final Graph graph;
  private final Set<String> operators;

  /** @param operators whose FLOAT weights the target quantizes */
  FloatGuard(Graph graph, Set<String> operators) {
    this.graph = graph;
    this.operators = operators;
  }

  /** Guards every such layer; how many there were. */
  int guard() {
    List<Node> endangered = graph.nodes().stream().filter(this::isEndangered).toList();
    endangered.forEach(this::guard);
    return endangered.size();
  }

  private boolean isEndangered(Node node) {
    return node.domain().isEmpty() && operators.contains(node.operator()) && isDequantized(node.input(0))
        && node.input(1) != null && node.input(1).isConstant() && leadsToQuantize(node.output());
  }

  private static boolean isDequantized(Value value) {
    return value != null && value.producer() != null && value.producer().is("DequantizeLinear");
  }

  /** Whether the only reader is QuantizeLinear, or a Relu or Clip of which that is true. */
  private static boolean leadsToQuantize(Value value) {
    if (value.uses().size() != 1 || value.isGraphOutput()) return false;
    Use use = value.uses().getFirst();
    if (use.node().is("QuantizeLinear")) return true;
    return (use.node().is("Relu") || use.node().is("Clip")) && use.index() == 0 && leadsToQuantize(use.node().output());
  }

  private void guard(Node node) {
    Value value = node.input(0);
    Node dequantize = value.producer();
    float scale = dequantize.input(1).tensor().floats()[0];
    Value zero = dequantize.input(2);
    long middle = zero == null ? 0 : Elements.longs(zero.tensor())[0];
    DType type = zero == null ? DType.UINT8 : zero.tensor().dtype();
    NodeBuilder clip = graph.node("Clip").out(value.name() + "_float", value.type());
    float low = (type.min() - middle) * scale;
    float high = (type.max() - middle) * scale;
    if (graph.opset("") < FIRST_CLIP_WITH_INPUTS) {
      clip.in(value).attribute(Attribute.of("min", low)).attribute(Attribute.of("max", high));
    } else {
      clip.in(value, graph.addConstant(value.name() + "_low", Tensor.scalar(low)),
          graph.addConstant(value.name() + "_high", Tensor.scalar(high)));
    }
    node.setInput(0, clip.before(node).output());
  }
}
