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
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;

/**
 * What the calibration samples show of activations. Samples are read once and never kept: memory depends on the model
 * and on the number of observed values, and is told before the first sample is read.
 */
public final class Calibration {
  private static final int BINS = 4096;
  private static final int ENDS_BYTES = 2 * Float.BYTES;
  private static final int HISTOGRAM_BYTES = BINS * Long.BYTES + ENDS_BYTES;

  private final Graph graph;
  private final PassContext context;
  private final Set<String> imageMeans = new LinkedHashSet<>();
  private final Set<String> vectorMeans = new LinkedHashSet<>();
  private Map<String, double[]> means = Map.of();

  public Calibration(Graph graph, PassContext context) {
    this.graph = graph;
    this.context = context;
  }

  /**
   * Lets the runs that follow find the channel means of a value too: of axis 1, over all other axes.
   *
   * @param image whether it has axes behind the channels
   */
  public void alsoMeans(String value, boolean image) {
    (image ? imageMeans : vectorMeans).add(value);
  }

  /** The channel means that the last run found, by value. */
  public Map<String, double[]> means() {
    return means;
  }

  /** The smallest and largest value of each observed FLOAT value, by name. */
  public Map<String, Range> minMax(Collection<String> values) {
    return ends(values, Range::union);
  }

  /**
   * A moving average of the smallest and largest value in each sample, from the first sample on.
   *
   * @param momentum the share that the average so far keeps at each sample, at least 0 and less than 1
   */
  public Map<String, Range> movingAverage(Collection<String> values, double momentum) {
    return ends(values, (average, sample) -> average.equals(Range.EMPTY) ? sample : average.towards(sample, momentum));
  }

  /** How the elements of each observed FLOAT value are spread, by name; the bins grow with what is seen. */
  public Map<String, Distribution> distributions(Collection<String> values) {
    Observation observation = new Observation(graph, context);
    observation.graph().opsets().putIfAbsent("dev.dwindle", 1);
    Map<String, Tensor> initial = new HashMap<>();
    Map<String, String[]> outputs = new LinkedHashMap<>();
    values.forEach(name -> outputs.put(name, histogram(observation, name, initial)));
    Map<String, Distribution> distributions = new LinkedHashMap<>();
    ChannelMeans channels = new ChannelMeans(observation, imageMeans, vectorMeans);
    observation.run(
        "calibrate: histograms of " + told(values, true), initial,
        channels::add,
        results -> outputs.forEach((name, counted) -> {
          float[] ends = results.get(counted[1]).floats();
          distributions.put(name, new Distribution(new Range(ends[0], ends[1]), results.get(counted[0]).longs()));
        }));
    means = channels.means();
    distributions.forEach((name, distribution) -> requireFinite(name, distribution.range()));
    return distributions;
  }

  private Map<String, Range> ends(Collection<String> values, BinaryOperator<Range> merge) {
    Observation observation = new Observation(graph, context);
    Map<String, String[]> outputs = new LinkedHashMap<>();
    for (String name : values) {
      Value twin = observation.twin(name);
      outputs.put(name, new String[] {reduce(observation.graph(), "ReduceMin", twin),
          reduce(observation.graph(), "ReduceMax", twin)});
    }
    Map<String, Range> ranges = new HashMap<>();
    values.forEach(name -> ranges.put(name, Range.EMPTY));
    ChannelMeans channels = new ChannelMeans(observation, imageMeans, vectorMeans);
    observation.run(
        "calibrate: ends of " + told(values, false), Map.of(),
        results -> {
          channels.add(results);
          outputs.forEach((name, ends) -> ranges.merge(name,
              new Range(scalar(results.get(ends[0])), scalar(results.get(ends[1]))), merge));
        },
        results -> {});
    means = channels.means();
    ranges.forEach(Calibration::requireFinite);
    return ranges;
  }

  /** How much is observed, and what it takes: known before the first sample is read. */
  public static String told(Collection<String> values, boolean histograms) {
    long bytes = (long) values.size() * (histograms ? HISTOGRAM_BYTES : ENDS_BYTES);
    return values.size() + " activations, " + (bytes + 999) / 1000 + " kB of statistics";
  }

  static String reduce(Graph graph, String operator, Value value) {
    Value result = graph.node(operator).in(value)
        .out(value.name() + "_" + operator, new TensorType(DType.FLOAT, List.of()))
        .attribute(Attribute.of("keepdims", 0)).append().output();
    graph.addOutput(result);
    return result.name();
  }

  /** Observes a value; counts and ends are carried from run to run on the device. */
  private static String[] histogram(Observation observation, String name, Map<String, Tensor> initial) {
    Graph g = observation.graph();
    TensorType countsType = TensorType.of(DType.INT64, Shape.of(BINS));
    TensorType endsType = TensorType.of(DType.FLOAT, Shape.of(2));
    Value counts = g.newValue(name + "_counts", countsType);
    Value ends = g.newValue(name + "_ends", endsType);
    g.addInput(counts);
    g.addInput(ends);
    List<Value> results = g.node("dev.dwindle", "Histogram").in(observation.twin(name), counts, ends)
        .out(name + "_counted", countsType).out(name + "_reached", endsType).append().outputs();
    results.forEach(g::addOutput);
    initial.put(counts.name(), Tensor.of(Shape.of(BINS), new long[BINS]));
    initial.put(ends.name(), Tensor.of(Shape.of(2), Range.EMPTY.min(), Range.EMPTY.max()));
    observation.carry(results.get(0).name(), counts.name());
    observation.carry(results.get(1).name(), ends.name());
    return new String[] {results.get(0).name(), results.get(1).name()};
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
