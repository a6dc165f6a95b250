package dev.dwindle.calibrate;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What other numbers in place of constants change in the outputs of the nodes that read them, all else being equal: each
 * node runs twice on the same inputs, and the squared differences are summed over the calibration samples.
 */
public final class LocalErrors {
  private LocalErrors() {}

  /**
   * The root of the squared differences relative to that of the squared outputs, for nodes of the main graph whose first
   * output is FLOAT; NaN where outputs are not finite.
   *
   * @param others the other numbers by constant, of any floating-point type
   */
  public static Map<Node, Double> of(Graph graph, PassContext context, Map<Value, Tensor> others) {
    Observation observation = new Observation(graph, context);
    Deviations deviations = new Deviations(observation);
    Map<Node, Integer> numbers = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      boolean reads = node.inputs().stream().anyMatch(others::containsKey);
      if (reads && node.subgraphs().isEmpty() && Deviations.applies(node.output(0))) {
        Value output = observation.twin(node.output().name());
        numbers.put(node, deviations.watch(changed(observation, node, output, others), output));
      }
    }
    observation.run(
        "calibrate: local errors of " + numbers.size() + " layers", Map.of(), deviations::add, results -> {});
    Map<Node, Double> errors = new LinkedHashMap<>();
    numbers.forEach((node, number) -> errors.put(node, deviations.error(number)));
    return errors;
  }

  private static Value changed(Observation observation, Node node, Value output, Map<Value, Tensor> others) {
    Graph graph = observation.graph();
    NodeBuilder builder = graph.node(node.domain(), node.operator());
    for (Value input : node.inputs()) {
      Tensor other = others.get(input);
      builder.in(input == null ? null : other == null ? observation.twin(input.name())
          : graph.addConstant(input.name(), Tensor.of(other.shape(), Elements.floats(other))));
    }
    node.attributes().forEach(builder::attribute);
    return builder.out(output.name(), output.type()).after(output.producer()).output();
  }
}
