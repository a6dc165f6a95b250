package dev.dwindle.calibrate;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.Affine;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the outputs of layers move when one activation is quantized in one way or another, the rest left in floating
 * point. A layer is linear in what it reads, so that the errors of all ways go through it at once, stacked along the first
 * axis behind the activation itself.
 */
public final class OutputErrors {
  private final Graph graph;
  private final PassContext context;
  private final Map<String, List<String>> outputs = new HashMap<>();
  private Observation observation;

  public OutputErrors(Graph graph, PassContext context) {
    this.graph = graph;
    this.context = context;
  }

  /**
   * The squared error of each way, relative to the squared output, summed over samples and layers.
   *
   * @param ways quantizations to compare, by the value's name
   * @param layers nodes that read the value as their first input and are linear in it; where there are none, the error is
   *     the value's own
   */
  public Map<String, double[]> of(Map<String, List<Affine>> ways, Map<String, List<Node>> layers) {
    observation = new Observation(graph, context);
    ways.forEach((name, list) -> outputs.put(name, observe(name, list, layers.getOrDefault(name, List.of()))));
    Map<String, double[]> errors = new LinkedHashMap<>();
    ways.forEach((name, list) -> errors.put(name, new double[list.size()]));
    observation.run(
        "calibrate: errors of " + ways.size() + " activations", Map.of(),
        results -> outputs.forEach((name, energies) -> energies.forEach(
            energy -> add(results.get(energy).floats(), errors.get(name)))),
        results -> {});
    return errors;
  }

  private static void add(float[] energies, double[] errors) {
    for (int k = 0; k < errors.length; k++) {
      errors[k] += energies[0] > 0 ? energies[k + 1] / energies[0] : 0;
    }
  }

  private List<String> observe(String name, List<Affine> ways, List<Node> layers) {
    Graph g = observation.graph();
    Value value = observation.twin(name);
    NodeBuilder stack = g.node("Concat").attribute(Attribute.of("axis", 0)).in(value);
    for (Affine way : ways) {
      stack.in(g.node("Sub").in(roundTrip(g, value, way), value).out(name + "_error", value.type()).append().output());
    }
    Value stacked = stack.out(name + "_errors", null).append().output();
    if (layers.isEmpty()) {
      return List.of(energies(g, stacked, ways.size() + 1));
    }
    List<String> results = new ArrayList<>();
    for (Node layer : layers) {
      NodeBuilder twin = g.node(layer.operator()).in(stacked, observation.twin(layer.input(1).name()));
      layer.attributes().forEach(twin::attribute);
      results.add(energies(g, twin.out(layer.output().name() + "_errors", null).append().output(), ways.size() + 1));
    }
    return results;
  }

  private static Value roundTrip(Graph g, Value value, Affine way) {
    Value scale = g.addConstant(value.name() + "_scale", way.scaleTensor());
    Value zero = g.addConstant(value.name() + "_zero", way.zeroPointTensor());
    TensorType type = value.tensorType();
    Value quantized = g.node("QuantizeLinear").in(value, scale, zero)
        .out(value.name() + "_quantized", type == null ? null : type.with(way.dtype())).append().output();
    return g.node("DequantizeLinear").in(quantized, scale, zero).out(value.name() + "_dequantized", type).append()
        .output();
  }

  /** The sum of squares of each of {@code rows} equal parts, as products of rows with themselves. */
  private static String energies(Graph g, Value value, int rows) {
    Value lying = reshaped(g, value, rows, 1, -1);
    Value standing = reshaped(g, value, rows, -1, 1);
    Value energies = g.node("MatMul").in(lying, standing).out(value.name() + "_energies", null).append().output();
    g.addOutput(energies);
    return energies.name();
  }

  private static Value reshaped(Graph g, Value value, long... shape) {
    Value to = g.addConstant(value.name() + "_shape", Tensor.of(Shape.of(shape.length), shape));
    return g.node("Reshape").in(value, to).out(value.name() + "_reshaped", null).append().output();
  }
}
