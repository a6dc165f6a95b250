package dev.dwindle.calibrate;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.pass.PassContext;
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
import java.util.stream.Stream;

/**
 * What the calibration samples show of activations. Samples are read once and never kept: memory depends on the model
 * and on the number of observed values, and is told before the first sample is read.
 */
public final class Calibration {
  private static final int BINS = 4096;
  private static final int ENDS_BYTES = 2 * Float.BYTES;
  private static final int HISTOGRAM_BYTES = BINS * Long.BYTES + ENDS_BYTES;
  private static final TensorType ENDS = TensorType.of(DType.FLOAT, Shape.of(2));

  private final Graph graph;
  private final PassContext context;
  private final Set<String> withMeans = new LinkedHashSet<>();
  private final Set<String> spread = new LinkedHashSet<>();
  private final Map<String, Integer> withPlanes = new LinkedHashMap<>();
  private final Map<String, Integer> widths = new LinkedHashMap<>();
  private Map<String, double[]> means = Map.of();
  private Map<String, ChannelHalves> channelRanges = Map.of();
  private Map<String, Distribution> spreads = Map.of();
  private Map<String, ChannelRanges> planes = Map.of();

  public Calibration(Graph graph, PassContext context) {
    this.graph = graph;
    this.context = context;
  }

  /** Lets the runs that follow find the channel means of a value too: of axis 1, over all other axes. */
  public void alsoMeans(String value) {
    withMeans.add(value);
  }

  /** The channel means that the last run found, by value. */
  public Map<String, double[]> means() {
    return means;
  }

  /**
   * Lets {@link #minMax} find the ranges of a value's channels too: of its last axis, over all other axes.
   *
   * @param channels how many there are
   */
  public void alsoChannels(String value, int channels) {
    widths.put(value, channels);
  }

  /** The ranges of channels that the last run found, by value. */
  public Map<String, ChannelHalves> channelRanges() {
    return channelRanges;
  }

  /**
   * Lets {@link #minMax} find the ranges of a value's planes too: those of the channels on axis 1, over all other axes.
   *
   * @param channels how many there are
   */
  public void alsoPlanes(String value, int channels) {
    withPlanes.put(value, channels);
  }

  /** The ranges of planes that the last run found, by value. */
  public Map<String, ChannelRanges> planes() {
    return planes;
  }

  /** Lets {@link #minMax} find how the elements of a value are spread too. */
  public void alsoSpread(String value) {
    spread.add(value);
  }

  /** The distributions that the last run found of values that were asked for so, by value. */
  public Map<String, Distribution> spreads() {
    return spreads;
  }

  /** The smallest and largest value of each observed FLOAT value, by name. */
  public Map<String, Range> minMax(Collection<String> values) {
    return ends("all", values, Range::union);
  }

  /**
   * A moving average of the smallest and largest value in each sample, from the first sample on.
   *
   * @param momentum the share that the average so far keeps at each sample, at least 0 and less than 1
   */
  public Map<String, Range> movingAverage(Collection<String> values, double momentum) {
    return ends("momentum " + momentum, values,
        (average, sample) -> average.equals(Range.EMPTY) ? sample : average.towards(sample, momentum));
  }

  /** How the elements of each observed FLOAT value are spread, by name; the bins grow with what is seen. */
  public Map<String, Distribution> distributions(Collection<String> values) {
    Findings known = context.memory().find("distributions", Findings.class);
    if (known != null && known.distributions().keySet().containsAll(values)
        && known.cover(withMeans, Set.of())) {
      means = Findings.only(known.means(), withMeans);
      return Findings.only(known.distributions(), values);
    }
    Observation observation = new Observation(graph, context);
    Map<String, Tensor> initial = new HashMap<>();
    Map<String, String[]> outputs = new LinkedHashMap<>();
    values.forEach(name -> outputs.put(name, histogram(observation, name, initial)));
    Map<String, Distribution> distributions = new LinkedHashMap<>();
    ChannelMeans channels = new ChannelMeans();
    withMeans.forEach(name -> summary(observation, name, channels, new PlaneEnds()));
    observation.run(
        "calibrate: histograms of " + told(values, true), initial,
        channels::add,
        results -> outputs.forEach((name, counted) -> distributions.put(name, distribution(results, counted))));
    means = channels.means();
    distributions.forEach((name, distribution) -> requireFinite(name, distribution.range()));
    context.memory().keep("distributions", new Findings(Map.of(), distributions, means, Map.of(), Map.of()));
    return distributions;
  }

  private Map<String, Range> ends(String way, Collection<String> values, BinaryOperator<Range> merge) {
    Findings known = context.memory().find("ends: " + way, Findings.class);
    if (known != null && known.ranges().keySet().containsAll(values)
        && known.distributions().keySet().containsAll(spread)
        && known.planes().keySet().containsAll(withPlanes.keySet())
        && known.cover(withMeans, widths.keySet())) {
      means = Findings.only(known.means(), withMeans);
      spreads = Findings.only(known.distributions(), spread);
      planes = Findings.only(known.planes(), withPlanes.keySet());
      channelRanges = Findings.only(known.channels(), widths.keySet());
      return Findings.only(known.ranges(), values);
    }
    Observation observation = new Observation(graph, context);
    ChannelMeans channels = new ChannelMeans();
    Map<String, String> outputs = new LinkedHashMap<>();
    PlaneEnds planeEnds = new PlaneEnds();
    Set<String> all = new LinkedHashSet<>(values);
    all.addAll(withMeans);
    all.addAll(withPlanes.keySet());
    all.forEach(name -> outputs.put(name, summary(observation, name, channels, planeEnds)));
    ChannelEnds ends = new ChannelEnds(observation, widths);
    Map<String, Tensor> initial = new HashMap<>();
    Map<String, String[]> counted = new LinkedHashMap<>();
    spread.forEach(name -> counted.put(name, histogram(observation, name, initial)));
    Map<String, Distribution> distributions = new LinkedHashMap<>();
    Map<String, Range> ranges = new HashMap<>();
    values.forEach(name -> ranges.put(name, Range.EMPTY));
    observation.run(
        "calibrate: ends of " + told(values, false), initial,
        results -> {
          channels.add(results);
          ends.add(results);
          planeEnds.add(results);
          ranges.replaceAll((name, range) -> merge.apply(range, range(results.get(outputs.get(name)))));
        },
        results -> counted.forEach((name, outcome) -> distributions.put(name, distribution(results, outcome))));
    means = channels.means();
    spreads = distributions;
    planes = planeEnds.ranges();
    channelRanges = ends.ranges();
    ranges.forEach(Calibration::requireFinite);
    context.memory().keep("ends: " + way, new Findings(ranges, distributions, means, channelRanges, planes));
    return ranges;
  }

  /** How much is observed, and what it takes: known before the first sample is read. */
  public String told(Collection<String> values, boolean histograms) {
    if (histograms) return told(values.size(), (long) values.size() * HISTOGRAM_BYTES);
    Set<String> all = new LinkedHashSet<>(values);
    all.addAll(withPlanes.keySet());
    long channels = Stream.of(widths.values().stream(), widths.values().stream(), withPlanes.values().stream())
        .flatMap(counts -> counts).mapToLong(Integer::longValue).sum();
    return told(all.size(), (all.size() + channels) * ENDS_BYTES + (long) spread.size() * HISTOGRAM_BYTES);
  }

  private static String told(int activations, long bytes) {
    return activations + " activations, " + (bytes + 999) / 1000 + " kB of statistics";
  }

  /** Observes the ends of a value, and where they are asked for the means and the ends of its channels; the name of the ends. */
  private String summary(Observation observation, String name, ChannelMeans channels, PlaneEnds planeEnds) {
    NodeBuilder node = observation.graph().node(Operator.OWN_DOMAIN, "Summary").in(observation.twin(name))
        .out(name + "_ends", ENDS);
    boolean eachPlane = withPlanes.containsKey(name);
    if (withMeans.contains(name) || eachPlane) node.out(name + "_means", null);
    if (eachPlane) node.out(name + "_plane_ends", null);
    List<Value> results = observation.behind(observation.twin(name), node).outputs();
    results.forEach(observation.graph()::addOutput);
    if (withMeans.contains(name)) channels.watch(name, results.get(1).name());
    if (eachPlane) planeEnds.watch(name, results.get(2).name());
    return results.get(0).name();
  }

  /** Observes a value; counts and ends are carried from run to run on the device. */
  private static String[] histogram(Observation observation, String name, Map<String, Tensor> initial) {
    Graph g = observation.graph();
    TensorType countsType = TensorType.of(DType.INT64, Shape.of(BINS));
    Value counts = g.newValue(name + "_counts", countsType);
    Value ends = g.newValue(name + "_ends", ENDS);
    g.addInput(counts);
    g.addInput(ends);
    List<Value> results = observation.behind(observation.twin(name),
        g.node(Operator.OWN_DOMAIN, "Histogram").in(observation.twin(name), counts, ends)
            .out(name + "_counted", countsType).out(name + "_reached", ENDS))
        .outputs();
    results.forEach(g::addOutput);
    initial.put(counts.name(), Tensor.of(Shape.of(BINS), new long[BINS]));
    initial.put(ends.name(), Tensor.of(Shape.of(2), Range.EMPTY.min(), Range.EMPTY.max()));
    observation.carry(results.get(0).name(), counts.name());
    observation.carry(results.get(1).name(), ends.name());
    return new String[] {results.get(0).name(), results.get(1).name()};
  }

  private static Distribution distribution(Map<String, Tensor> results, String[] counted) {
    return new Distribution(range(results.get(counted[1])), results.get(counted[0]).longs());
  }

  private static Range range(Tensor ends) {
    float[] values = ends.floats();
    return new Range(values[0], values[1]);
  }

  private static void requireFinite(String name, Range range) {
    if (!range.isFinite()) {
      throw new InvalidInputException(
          "calibration: activation '" + name + "' ranges from " + range.min() + " to " + range.max()
              + ", expected finite values; look at the samples or leave the layer out");
    }
  }
}
