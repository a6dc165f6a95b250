package dev.dwindle.pass.quantize;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.pass.FiniteConstants;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.quant.QuantizedWeights;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tables of rows that Gather reads, to be stored as INT8 with a scale for each row. Codes and scales are gathered, and
 * multiplied: a DequantizeLinear of the whole table would be computed in each run.
 *
 * @param readers the nodes that read them
 */
record Embeddings(List<Node> readers) {
  /** Smaller tables do not pay for three more nodes. */
  private static final int FEWEST = 1 << 14;
  private static final int BITS = 8;

  /** The tables of a graph that the recipe does not leave alone. */
  static Embeddings of(Graph graph, Settings settings) {
    List<String> wanted = settings.words("operators");
    Patterns excluded = new Patterns(settings.words("exclude"));
    boolean none = !settings.flag("embeddings") || (!wanted.isEmpty() && !wanted.contains("Gather"));
    return new Embeddings(none ? List.of()
        : graph.nodes().stream().filter(node -> readsRows(node) && isTable(node.input(0)) && !excluded.matches(node))
            .toList());
  }

  private static boolean readsRows(Node node) {
    return node.is("Gather") && node.domain().isEmpty() && new Call(node).integer("axis", 0) == 0;
  }

  /** Whether a value is a finite table that no one reads otherwise, so that its FLOAT numbers go. */
  private static boolean isTable(Value value) {
    return value != null && value.isConstant() && value.tensor().dtype() == DType.FLOAT
        && value.tensor().shape().rank() == 2 && value.tensor().size() >= FEWEST
        && value.uses().stream().allMatch(use -> use.index() == 0 && readsRows(use.node()))
        && FiniteConstants.holds(value.tensor());
  }

  /** Changes the graph. */
  void store(Graph graph) {
    Map<Value, List<Value>> stored = new HashMap<>();
    for (Node node : readers) {
      List<Value> table = stored.computeIfAbsent(node.input(0), value -> constants(graph, value));
      replace(graph, node, table.get(0), table.get(1));
    }
  }

  private static List<Value> constants(Graph graph, Value table) {
    Tensor tensor = table.tensor();
    float[] numbers = tensor.floats();
    float[] scales = QuantizedWeights.scales(numbers, tensor.shape(), 0, BITS);
    QuantizedWeights quantized = QuantizedWeights.of(numbers, tensor.shape(), 0, scales, BITS);
    return List.of(graph.addConstant(table.name() + "_quantized", quantized.values()),
        graph.addConstant(table.name() + "_scale", Tensor.of(Shape.of(scales.length, 1), scales)));
  }

  private static void replace(Graph graph, Node node, Value codes, Value scales) {
    String name = node.output().name();
    TensorType type = node.output().tensorType();
    Value rows = node.input(1);
    Value integers = graph.node("Gather").in(codes, rows)
        .out(name + "_quantized", type == null ? null : type.with(DType.INT8)).before(node).output();
    Value numbers = graph.node("Cast").in(integers).attribute(Attribute.of("to", DType.FLOAT.code()))
        .out(name + "_cast", type).before(node).output();
    Value factors = graph.node("Gather").in(scales, rows).out(name + "_scale", null).before(node).output();
    Value product = graph.node("Mul").in(numbers, factors).out(name + "_float", type).before(node).output();
    graph.replaceUses(node.output(), product);
    graph.remove(node);
  }

  /** Says what was done, as a pass's result does. */
  void tell(Map<String, String> changed, Map<String, String> figures) {
    if (readers.isEmpty()) {
      return;
    }
    readers.forEach(node -> changed.put(node.label(), "int8 by row"));
    figures.put("embeddings", readers.size() + " read as INT8, one scale for each row");
  }
}
