package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Puts batch normalizations behind convolutions that have none. */
final class Normalizing {
  private Normalizing() {}

  static void apply(Graph graph) {
    for (Node node : List.copyOf(graph.nodes())) {
      if (isBare(node)) normalize(node);
    }
  }

  /** A Conv with constant weights whose result is neither normalized nor an output. */
  private static boolean isBare(Node node) {
    return node.is("Conv") && node.input(1).isConstant() && (node.input(2) == null || node.input(2).isConstant())
        && !node.output().isGraphOutput()
        && node.output().uses().stream().noneMatch(u -> u.node().is("BatchNormalization"));
  }

  private static void normalize(Node conv) {
    Graph graph = conv.graph();
    Tensor weights = conv.input(1).tensor();
    int channels = weights.shape().intDim(0);
    Value result = conv.output();
    Value bias = conv.input(2);
    Value offset = bias == null ? constant(graph, result.name() + "_offset", weights.dtype(), channels, 0)
        : graph.addConstant(result.name() + "_offset", bias.tensor());
    Value normal = graph.node("BatchNormalization")
        .in(result, constant(graph, result.name() + "_scale", weights.dtype(), channels, 1), offset,
            constant(graph, result.name() + "_mean", weights.dtype(), channels, 0),
            constant(graph, result.name() + "_variance", weights.dtype(), channels, 1))
        .out(result.name() + "_normal", result.type()).after(conv).output();
    graph.replaceUses(result, normal);
    if (bias != null) {
      conv.truncateInputs(2);
      if (bias.isUnused()) graph.removeConstant(bias);
    }
  }

  private static Value constant(Graph graph, String name, DType dtype, int size, double value) {
    double[] values = new double[size];
    Arrays.fill(values, value);
    return graph.addConstant(name, Elements.ofDoubles(dtype, Shape.of(size), values));
  }
}
