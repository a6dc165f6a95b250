package dev.dwindle.pass.quantize;

import dev.dwindle.calibrate.Calibration;
import dev.dwindle.calibrate.ChannelHalves;
import dev.dwindle.calibrate.ChannelRanges;
import dev.dwindle.calibrate.Distribution;
import dev.dwindle.calibrate.ElementFunction;
import dev.dwindle.calibrate.Entropy;
import dev.dwindle.calibrate.OutputErrors;
import dev.dwindle.calibrate.Range;
import dev.dwindle.calibrate.SquaredError;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.Affine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Finds the quantization of each activation of a plan from the calibration samples, by the recipe's method. */
final class ActivationRanges {
  /** Samples on which {@code auto} compares. */
  private static final int COMPARED = 32;

  private final Graph graph;
  private final ActivationPlan plan;
  private final PassContext context;
  private final Calibration calibration;
  private final Format format;
  private final Map<Value, ElementFunction> functions;
  private final Equalizing equalizing;
  private Map<String, float[]> divisors = Map.of();
  private int bent;

  ActivationRanges(Graph graph, ActivationPlan plan, PassContext context, Format format, Equalizing equalizing) {
    this.graph = graph;
    this.plan = plan;
    this.context = context;
    this.calibration = new Calibration(graph, context);
    this.format = format;
    this.equalizing = equalizing;
    functions = context.target().int8Outputs().isEmpty() ? Map.of() : plan.functions();
    if (context.settings().word("calibration").equals("minmax")) {
      functions.keySet().forEach(value -> calibration.alsoSpread(value.name()));
    }
  }

  /** Observes the channel means of what these layers read as well. */
  void observeMeans(List<Layer> layers) {
    layers.forEach(layer -> calibration.alsoMeans(layer.node().input(0).name()));
  }

  /** The channel means of the values that were asked for, by name. */
  Map<String, double[]> means() {
    Map<String, double[]> means = new HashMap<>();
    calibration.means().forEach((name, mean) -> means.put(name, divided(mean, divisors.get(name))));
    return means;
  }

  private static double[] divided(double[] mean, float[] by) {
    double[] divided = mean.clone();
    for (int c = 0; by != null && c < divided.length; c++) divided[c] /= by[c];
    return divided;
  }

  /** Observes the ranges of channels as well: of so many of each value. */
  void observeChannels(Map<Value, Integer> values) {
    values.forEach((value, channels) -> calibration.alsoChannels(value.name(), channels));
  }

  /** The ranges of the channels that were asked for, by name. */
  Map<String, ChannelHalves> channels() {
    return calibration.channelRanges();
  }

  /** The quantization of each value; values of one group have the same. Divides channels first, or once the ranges of all channels are known. */
  Map<Value, Affine> find(String method) {
    List<String> names = plan.values().stream().map(Value::name).toList();
    // Histograms are not to be had of channels; and the order must not depend on which layers are left alone, so that what is remembered fits.
    boolean together = method.equals("minmax") && context.target().int8Outputs().isEmpty();
    if (together) {
      equalizing.observe(calibration, List.copyOf(plan.values()));
    } else {
      equalizing.divideFirst();
    }
    return switch (method) {
      case "minmax" -> joined(together ? divided(calibration.minMax(names)) : seenThrough(calibration.minMax(names)));
      case "moving_average" -> joined(calibration.movingAverage(names, context.settings().real("momentum")));
      case "auto" -> leastError(calibration.distributions(names));
      default -> joined(cut(calibration.distributions(names), way(method)));
    };
  }

  /** Divides channels, and gives the ranges that are left. */
  private Map<String, Range> divided(Map<String, Range> ranges) {
    Map<String, ChannelRanges> planes = calibration.planes();
    divisors = equalizing.divide(planes);
    Map<String, Range> divided = new HashMap<>(ranges);
    divisors.forEach((name, each) -> divided.computeIfPresent(name, (n, range) -> planes.get(name).dividedBy(each)));
    return divided;
  }

  /** What the method does, as the report says it. */
  String text(String method) {
    String seen = bent == 0 ? ""
        : "; of " + bent + " that are read through a function alone, what errs least behind it";
    return switch (method) {
      case "minmax" -> "minmax: all that the samples showed" + seen;
      case "moving_average" -> "moving_average: ends of samples, momentum " + context.settings().real("momentum");
      case "percentile" -> "percentile: " + context.settings().real("percentile") + " % of the elements";
      case "entropy" -> "entropy: the cut that loses least information";
      case "mse" -> "mse: the least squared error of the activation";
      default -> "auto: for each activation the least error behind its layers on " + compared().count() + " samples"
          + seen;
    };
  }

  /** How much is observed, as it was told before the first sample. */
  String statistics(String method) {
    boolean histograms = !method.equals("minmax") && !method.equals("moving_average");
    return calibration.told(plan.values().stream().map(Value::name).toList(), histograms);
  }

  private Samples compared() {
    return context.calibration().limit(COMPARED);
  }

  private Function<Distribution, Range> way(String method) {
    return switch (method) {
      case "percentile" -> d -> d.percentile(context.settings().real("percentile"));
      case "entropy" -> d -> Entropy.least(d, format::covering);
      case "mse" -> d -> SquaredError.least(d, format::covering);
      default -> throw new IllegalStateException("no way '" + method + "'");
    };
  }

  /** These ranges, but for values that everyone sees through a function those that err least behind it: it may leave little of what a range must hold. */
  private Map<String, Range> seenThrough(Map<String, Range> ranges) {
    Map<String, Range> better = new HashMap<>(ranges);
    functions.forEach((value, function) -> {
      Distribution distribution = calibration.spreads().get(value.name());
      if (function.bends(distribution)) better.put(value.name(), behind(function, distribution));
    });
    return better;
  }

  private static Map<String, Range> cut(Map<String, Distribution> distributions, Function<Distribution, Range> way) {
    Map<String, Range> ranges = new HashMap<>();
    distributions.forEach((name, distribution) -> ranges.put(name, way.apply(distribution)));
    return ranges;
  }

  private Map<Value, Affine> joined(Map<String, Range> ranges) {
    Map<Value, Affine> affines = new LinkedHashMap<>();
    for (List<Value> group : plan.groups()) {
      Affine affine = format.covering(union(group, ranges));
      group.forEach(v -> affines.put(v, affine));
    }
    return affines;
  }

  private static Range union(Collection<Value> group, Map<String, Range> ranges) {
    return group.stream().map(v -> ranges.get(v.name())).reduce(Range.EMPTY, Range::union);
  }

  /** For each group the way that moves the outputs of the layers behind it least. */
  private Map<Value, Affine> leastError(Map<String, Distribution> distributions) {
    List<Map<String, Range>> ways = List.of(
        cut(distributions, Distribution::range),
        cut(distributions, d -> d.percentile(99.999)),
        cut(distributions, d -> d.percentile(99.99)),
        cut(distributions, d -> d.percentile(99.9)),
        cut(distributions, way("mse")),
        cut(distributions, way("entropy")));
    Map<List<Value>, List<Affine>> choices = new LinkedHashMap<>();
    plan.groups().forEach(group -> choices.put(group, candidates(group, distributions, ways)));
    Map<String, double[]> errors = errors(choices);
    Map<Value, Affine> affines = new LinkedHashMap<>();
    choices.forEach((group, list) -> {
      double[] sums = new double[list.size()];
      for (Value value : list.size() > 1 ? group : List.<Value>of()) {
        double[] own = errors.get(value.name());
        for (int k = 0; k < sums.length; k++) {
          sums[k] += own[k];
        }
      }
      Affine best = list.get(smallest(sums));
      group.forEach(v -> affines.put(v, best));
    });
    return affines;
  }

  private List<Affine> candidates(List<Value> group, Map<String, Distribution> distributions,
      List<Map<String, Range>> ways) {
    ElementFunction function = functions.get(group.getFirst());
    Distribution distribution = distributions.get(group.getFirst().name());
    return function != null && function.bends(distribution)
        ? List.of(format.covering(behind(function, distribution)))
        : ways.stream().map(ranges -> format.covering(union(group, ranges))).distinct().toList();
  }

  private Range behind(ElementFunction function, Distribution distribution) {
    bent++;
    return SquaredError.least(distribution, format::covering, function);
  }

  /** What each of several candidates does to the layers behind a value, by its name. */
  private Map<String, double[]> errors(Map<List<Value>, List<Affine>> choices) {
    Map<String, List<Affine>> ways = new LinkedHashMap<>();
    Map<String, List<Node>> layers = new HashMap<>();
    choices.forEach((group, list) -> {
      for (Value value : list.size() > 1 ? group : List.<Value>of()) {
        ways.put(value.name(), list);
        layers.put(value.name(), plan.linearReaders(value));
      }
    });
    return ways.isEmpty() ? Map.of()
        : new OutputErrors(graph, context.withCalibration(compared())).of(ways, layers);
  }

  private static int smallest(double[] values) {
    int best = 0;
    for (int k = 1; k < values.length; k++) {
      if (values[k] < values[best]) best = k;
    }
    return best;
  }
}
