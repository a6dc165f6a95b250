package dev.dwindle.calibrate;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What other numbers in place of constants change in the outputs of the nodes that read them, all else being equal: each
 * node runs twice on the same inputs, and the squared differences are summed over the calibration samples.
 */
public final class LocalErrors {
  /** Names of the outputs that hold the sums of one node. */
  private record Sums(String noise, String signal) {}

  private LocalErrors() {}

  /**
   * The root of the squared differences relative to that of the squared outputs, for nodes of the main graph whose first
   * output is FLOAT; NaN where outputs are not finite.
   *
   * @param others the other numbers by constant, of any floating-point type
   */
  public static Map<Node, Double> of(Graph graph, PassContext context, Map<Value, Tensor> others) {
    Observation observation = new Observation(graph, context);
    Map<Node, Sums> sums = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      boolean reads = node.inputs().stream().anyMatch(others::containsKey);
      if (reads && node.subgraphs().isEmpty() && isFloat(node.output(0))) {
        sums.put(node, compare(observation, node, others));
      }
    }
    Map<Node, double[]> totals = new LinkedHashMap<>();
    sums.keySet().forEach(node -> totals.put(node, new double[2]));
    observation.run("calibrate: local errors of " + sums.size() + " layers", Map.of(),
        results -> totals.forEach((node, total) -> {
          total[0] += Elements.doubles(results.get(sums.get(node).noise()))[0];
          total[1] += Elements.doubles(results.get(sums.get(node).signal()))[0];
        }),
        results -> {});
    Map<Node, Double> errors = new LinkedHashMap<>();
    totals.forEach((node, total) -> errors.put(node, total[0] == 0 ? 0 : Math.sqrt(total[0] / total[1])));
    return errors;
  }

  private static boolean isFloat(Value value) {
    return value != null && value.tensorType() != null && value.tensorType().dtype() == DType.FLOAT;
  }

  private static Sums compare(Observation observation, Node node, Map<Value, Tensor> others) {
    Graph graph = observation.graph();
    Value output = observation.twin(node.output().name());
    NodeBuilder builder = graph.node(node.domain(), node.operator());
    for (Value input : node.inputs()) {
      Tensor other = others.get(input);
      builder.in(input == null ? null : other == null ? observation.twin(input.name())
          : graph.addConstant(input.name(), Tensor.of(other.shape(), Elements.floats(other))));
    }
    node.attributes().forEach(builder::attribute);
    Value changed = builder.out(output.name(), output.type()).after(output.producer()).output();
    Value difference = graph.node("Sub").in(changed, output).out(output.name(), output.type())
        .after(changed.producer()).output();
    return new Sums(energy(observation, difference), energy(observation, output));
  }

  private static String energy(Observation observation, Value value) {
    Value energy = observation.behind(value, observation.graph().node("ReduceSumSquare").in(value)
        .attribute(Attribute.of("keepdims", 0)).out(value.name() + "_energy", null)).output();
    observation.graph().addOutput(energy);
    return energy.name();
  }
}
