package dev.dwindle.calibrate;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.rewrite.Emulation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What saturating integer units change in the outputs of quantized layers, and what the same layers lose with other
 * weights instead: each layer runs three times on the same inputs.
 */
public final class SaturationErrors {
  private final Observation observation;
  private final Deviations deviations;
  private final IntegerArithmetic arithmetic;

  /**
   * The errors of a layer's output, as root of the squared differences relative to that of the squared outputs.
   *
   * @param saturation of the layer as it is, on the saturating units
   * @param others with the other weights, summed exactly
   */
  public record Errors(double saturation, double others) {}

  private SaturationErrors(Graph graph, PassContext context) {
    observation = new Observation(graph, context);
    deviations = new Deviations(observation);
    arithmetic = context.target().arithmetic();
  }

  /**
   * Errors of the layers, by the name of their output, whose products saturate on the target.
   *
   * @param graph in QDQ form
   * @param others the same graph with other weights
   * @param context with a backend that sums exactly
   */
  public static Map<String, Errors> of(Graph graph, Graph others, PassContext context) {
    SaturationErrors errors = new SaturationErrors(graph, context);
    Map<String, int[]> watched = new LinkedHashMap<>();
    for (Node node : List.copyOf(errors.observation.graph().nodes())) {
      boolean saturates = Emulation.applies(node, errors.arithmetic) && Deviations.applies(node.output());
      Value twin = saturates ? others.value(node.output().name()) : null;
      if (twin != null) watched.put(node.output().name(), errors.watch(node, twin.producer()));
    }
    if (watched.isEmpty()) return Map.of();
    errors.observation.run("saturation of " + watched.size() + " layers", Map.of(), errors.deviations::add,
        results -> {});
    Map<String, Errors> found = new LinkedHashMap<>();
    watched.forEach((name, numbers) -> found.put(name,
        new Errors(errors.deviations.error(numbers[0]), errors.deviations.error(numbers[1]))));
    return found;
  }

  private int[] watch(Node node, Node twin) {
    Graph graph = observation.graph();
    Node pair = twin.input(1).producer();
    NodeBuilder weights = graph.node(pair.operator());
    for (Value input : pair.inputs()) weights.in(graph.addConstant(input.name(), input.tensor()));
    pair.attributes().forEach(weights::attribute);
    Value other = weights.out(node.input(1).name(), node.input(1).type()).before(node).output();
    Value reduced = copy(node, other).output();
    Value saturated = Emulation.replace(copy(node, node.input(1)), arithmetic);
    return new int[] {deviations.watch(saturated, node.output()), deviations.watch(reduced, node.output())};
  }

  private Node copy(Node node, Value weights) {
    NodeBuilder builder = observation.graph().node(node.domain(), node.operator());
    for (int i = 0; i < node.inputs().size(); i++) builder.in(i == 1 ? weights : node.input(i));
    node.attributes().forEach(builder::attribute);
    return builder.out(node.output().name(), node.output().type()).after(node);
  }
}
