package dev.dwindle.calibrate;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Ranges of activations over the calibration samples, streamed: memory depends on the model and on the number of observed
 * values, not on the number of samples.
 */
public final class Calibration {
  private static final int BINS = 2048;

  private final Graph graph;
  private final PassContext context;

  public Calibration(Graph graph, PassContext context) {
    this.graph = graph;
    this.context = context;
  }

  /** The smallest and largest value of each observed FLOAT value, by name. */
  public Map<String, Range> minMax(Collection<String> values) {
    Observation observation = new Observation(graph, context);
    Map<String, String[]> outputs = new LinkedHashMap<>();
    for (String name : values) {
      Value twin = observation.twin(name);
      outputs.put(name, new String[] {reduce(observation.graph(), "ReduceMin", twin),
          reduce(observation.graph(), "ReduceMax", twin)});
    }
    Map<String, Range> ranges = new HashMap<>();
    values.forEach(name -> ranges.put(name, Range.EMPTY));
    observation.run(
        "calibrate: min/max of " + values.size() + " activations",
        Map.of(),
        results -> outputs.forEach(
            (name, ends) -> ranges.merge(name, new Range(scalar(results.get(ends[0])), scalar(results.get(ends[1]))),
                Range::union)));
    ranges.forEach(Calibration::requireFinite);
    return ranges;
  }

  /**
   * The ranges that hold the given share of all elements: as much is cut off at both ends together as exceeds it, in
   * steps of 1/2048 of the min/max range.
   *
   * @param percentile in percent, such as 99.99
   */
  public Map<String, Range> percentile(Collection<String> values, double percentile) {
    Map<String, Range> full = minMax(values);
    Observation observation = new Observation(graph, context);
    observation.graph().opsets().putIfAbsent("dev.dwindle", 1);
    Map<String, Tensor> initial = new HashMap<>();
    Map<String, String> outputs = new LinkedHashMap<>();
    for (String name : values) {
      if (full.get(name).isWide()) {
        outputs.put(name, histogram(observation, name, full.get(name), initial));
      }
    }
    Map<String, long[]> counts = new HashMap<>();
    observation.run(
        "calibrate: histograms of " + outputs.size() + " activations",
        initial,
        results -> outputs.forEach((name, output) -> counts.put(name, Elements.longs(results.get(output)))));
    Map<String, Range> ranges = new HashMap<>(full);
    counts.forEach((name, bins) -> ranges.put(name, cut(full.get(name), bins, percentile)));
    return ranges;
  }

  private static String reduce(Graph graph, String operator, Value value) {
    Value result = graph.node(operator).in(value)
        .out(value.name() + "_" + operator, new TensorType(DType.FLOAT, List.of()))
        .attribute(Attribute.of("keepdims", 0)).append().output();
    graph.addOutput(result);
    return result.name();
  }

  private static String histogram(Observation observation, String name, Range range, Map<String, Tensor> initial) {
    Graph g = observation.graph();
    Value before = g.newValue(name + "_counts", TensorType.of(DType.INT64, Shape.of(BINS)));
    g.addInput(before);
    Value after = g.node("dev.dwindle", "Histogram").in(observation.twin(name), before)
        .out(name + "_counted", TensorType.of(DType.INT64, Shape.of(BINS)))
        .attribute(Attribute.of("min", range.min())).attribute(Attribute.of("max", range.max())).append().output();
    g.addOutput(after);
    initial.put(before.name(), Tensor.of(Shape.of(BINS), new long[BINS]));
    observation.carry(after.name(), before.name());
    return after.name();
  }

  /** Cuts bins off the ends, the emptier end first, while enough elements remain inside. */
  static Range cut(Range full, long[] bins, double percentile) {
    long total = Arrays.stream(bins).sum();
    long spare = (long) Math.floor(total * (1 - percentile / 100));
    int low = 0;
    int high = bins.length - 1;
    while (low < high && Math.min(bins[low], bins[high]) <= spare) {
      spare -= bins[low] <= bins[high] ? bins[low++] : bins[high--];
    }
    double step = ((double) full.max() - full.min()) / bins.length;
    return new Range((float) (full.min() + low * step), (float) (full.min() + (high + 1) * step));
  }

  private static float scalar(Tensor tensor) {
    return Elements.floats(tensor)[0];
  }

  private static void requireFinite(String name, Range range) {
    if (!range.isFinite()) {
      throw new InvalidInputException(
          "calibration: activation '" + name + "' ranges from " + range.min() + " to " + range.max()
              + ", expected finite values; look at the samples or leave the layer out");
    }
  }
}
