package dev.dwindle.calibrate;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphCopy;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the outputs of a model move when other numbers stand in place of its constants. Several ways run as one graph: a
 * way has nodes of its own only behind what it changes. Each run begins with the model's own state.
 */
public final class ModelErrors {
  /** Ways in one graph have no more numbers than this: each packs weights of its own. */
  private static final long MOST_NUMBERS = 1 << 27;
  private static final int MOST_WAYS = 8;

  private final Graph graph;
  private final PassContext context;

  public ModelErrors(Graph graph, PassContext context) {
    this.graph = graph;
    this.context = context;
  }

  /**
   * For each way the root of the squared differences relative to that of the squared outputs, for the FLOAT output of which
   * it is largest; NaN where outputs are not finite.
   *
   * @param ways other numbers by constant, of any floating-point type
   * @param samples how many of the samples to run, from the first on
   */
  public double[] of(List<Map<Value, Tensor>> ways, long samples) {
    PassContext few = context.withCalibration(context.calibration().limit(samples));
    long numbers = graph.constants().stream().mapToLong(constant -> constant.tensor().size()).sum();
    int atOnce = (int) Math.clamp(MOST_NUMBERS / Math.max(1, numbers), 1, MOST_WAYS);
    double[] errors = new double[ways.size()];
    for (int from = 0; from < errors.length; from += atOnce) {
      int end = Math.min(errors.length, from + atOnce);
      double[] some = together(ways.subList(from, end), few, end + " of " + errors.length);
      System.arraycopy(some, 0, errors, from, some.length);
    }
    return errors;
  }

  private double[] together(List<Map<Value, Tensor>> ways, PassContext few, String told) {
    Observation observation = new Observation(graph, few);
    Deviations deviations = new Deviations(observation);
    List<Node> nodes = List.copyOf(observation.graph().nodes());
    List<List<Integer>> numbers = new ArrayList<>();
    for (Map<Value, Tensor> way : ways) {
      Map<Value, Value> twins = changed(observation, nodes, way);
      List<Integer> outputs = new ArrayList<>();
      for (Value output : graph.outputs()) {
        Value exact = observation.twin(output.name());
        if (twins.containsKey(exact) && Deviations.applies(exact)) {
          outputs.add(deviations.watch(twins.get(exact), exact));
        }
      }
      numbers.add(outputs);
    }
    observation.run("calibrate: errors of the outputs, " + told, Map.of(), deviations::add, results -> {});
    return numbers.stream().mapToDouble(outputs -> outputs.stream().mapToDouble(deviations::error).reduce(0, Math::max))
        .toArray();
  }

  /** Appends what a way changes; the changed values by those that they stand for. */
  private Map<Value, Value> changed(Observation observation, List<Node> nodes, Map<Value, Tensor> way) {
    Map<Value, Value> twins = new HashMap<>();
    for (Value constant : graph.constants()) {
      twin(observation, constant, observation.twin(constant.name()), way, twins);
    }
    for (int i = 0; i < nodes.size(); i++) {
      twinsInside(observation, graph.nodes().get(i), nodes.get(i), way, twins);
    }
    nodes.stream().filter(node -> reads(node, twins)).forEach(node -> GraphCopy.append(node, twins));
    return twins;
  }

  /** The same for the constants inside a node's bodies: those of the observed node stand in the same order. */
  private static void twinsInside(Observation observation, Node node, Node observed, Map<Value, Tensor> way,
      Map<Value, Value> twins) {
    for (int b = 0; b < node.subgraphs().size(); b++) {
      Graph body = node.subgraphs().get(b);
      Graph other = observed.subgraphs().get(b);
      for (Value constant : body.constants()) {
        if (!constant.isGraphOutput()) twin(observation, constant, other.value(constant.name()), way, twins);
      }
      for (int i = 0; i < body.nodes().size(); i++) {
        twinsInside(observation, body.nodes().get(i), other.nodes().get(i), way, twins);
      }
    }
  }

  private static void twin(Observation observation, Value constant, Value observed, Map<Value, Tensor> way,
      Map<Value, Value> twins) {
    Tensor other = way.get(constant);
    if (other != null) {
      twins.put(observed,
          observation.graph().addConstant(constant.name(), Tensor.of(other.shape(), Elements.floats(other))));
    }
  }

  private static boolean reads(Node node, Map<Value, Value> twins) {
    return node.inputs().stream().anyMatch(twins::containsKey)
        || node.subgraphs().stream().flatMap(body -> body.nodes().stream()).anyMatch(inner -> reads(inner, twins));
  }
}
