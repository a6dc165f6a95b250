package dev.dwindle.pass.quantize;

import dev.dwindle.calibrate.Recording;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.LearnedRounding;
import dev.dwindle.train.LearnedRounding.Weight;
import dev.dwindle.train.Region;
import dev.dwindle.train.Regions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the weights of static quantization are rounded: to nearest, or up or down as is learned from the calibration samples, region after region, once the whole graph is
 * quantized. Of what samples give only the input and the target of one region are in memory.
 */
final class Rounding {
  static final String SETTING = "rounding";
  static final String STEPS = "rounding_steps";
  static final String NEAREST = "nearest";
  static final String COMPENSATED = "compensated";
  private static final String BLOCKS = "blocks";
  static final List<String> WAYS = List.of(NEAREST, COMPENSATED, "layers", BLOCKS);

  /** For inputs, and again for targets. */
  private static final long MOST_BYTES = 1L << 29;
  /** How rate and strength were chosen stands in docs/decisions/030. */
  private static final double RATE = 0.1;
  private static final double STRENGTH = 100;

  /** Samples whose shapes are compared before anything is done. */
  private static final int LOOKED_AT = 32;

  private final Graph graph;
  private final PassContext context;
  private final String way;
  private final List<Node> nodes;
  private final Graph original;
  private final List<Region> regions;
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final Map<String, String> left = new LinkedHashMap<>();
  private final List<LearnedRounding.Outcome> outcomes = new ArrayList<>();
  private long learned;
  private long samples = Long.MAX_VALUE;

  /** For layers of a graph that is still in floating point. */
  Rounding(Graph graph, List<Layer> layers, PassContext context) {
    this.graph = graph;
    this.context = context;
    way = context.settings().word(SETTING);
    boolean alike = learns() && isOfOneShape(context.calibration());
    if (learns() && !alike) left.put("all layers", "the samples have different shapes");
    nodes = alike ? layers.stream().filter(Rounding::applies).map(Layer::node).toList() : List.of();
    original = learns() ? graph.model().copy().graph() : null;
    regions = way.equals(BLOCKS) ? Regions.blocks(graph, nodes) : Regions.layers(graph, nodes);
  }

  /** Whether the first samples have equal shapes; what they show cannot be batches otherwise. */
  private static boolean isOfOneShape(Samples samples) {
    try (Stream<Sample> stream = samples.stream().limit(LOOKED_AT)) {
      return stream.map(sample -> sample.inputs().entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().shape()))).distinct().count() <= 1;
    }
  }

  /** Whether rounding is learned at all. */
  private boolean learns() {
    return !way.equals(NEAREST) && !way.equals(COMPENSATED);
  }

  /** Whether the rounding of a layer's weights is to be learned. */
  boolean learns(Layer layer) {
    return nodes.contains(layer.node());
  }

  /** Whether a layer is linear in the batch that it reads, and reads nothing else that is computed. */
  private static boolean applies(Layer layer) {
    Node node = layer.node();
    if (layer.weight() != 1 || node.input(1).uses().size() > 1
        || (node.input(2) != null && !node.input(2).isConstant()))
      return false;
    return switch (node.operator()) {
      case "Conv" -> true;
      case "Gemm" -> !new Call(node).flag("transA", false);
      case "MatMul" -> node.input(1).tensor().shape().rank() == 2;
      default -> false;
    };
  }

  /**
   * Takes note of a layer whose constants have become integers.
   *
   * @param exact the numbers of the weight before they were rounded
   * @param exactBias null where the bias is not stored as INT32
   */
  void add(Layer layer, float[] exact, int bits, float[] exactBias) {
    if (!learns(layer)) return;
    Node node = layer.node();
    long top = (1L << (bits - 1)) - 1;
    Value weight = node.input(layer.weight());
    Tensor numbers = Tensor.of(weight.producer().input(0).tensor().shape(), exact);
    String bias = exactBias == null ? null : node.input(layer.bias()).name();
    Tensor biases = exactBias == null ? null : Tensor.of(Shape.of(exactBias.length), exactBias);
    weights.put(node.output().name(), new Weight(weight.name(), numbers, -top, top, bias, biases));
  }

  /** Learns, region after region. */
  void learn() {
    if (regions.isEmpty()) return;
    long steps = context.settings().whole(STEPS);
    context.progress().begin("round weights of " + regions.size() + " parts", regions.size() * steps);
    for (int i = 0; i < regions.size(); i++) {
      Region region = regions.get(i);
      try {
        learn(region, new LearnedRounding.Plan(steps, RATE, STRENGTH, context.seed() * 1_000_003 + i));
      } catch (InvalidInputException e) {
        left.put(region.exit(), e.getMessage());
      }
    }
    context.progress().end();
  }

  private void learn(Region region, LearnedRounding.Plan plan) {
    List<Weight> found = region.layers().stream().sorted().map(weights::get).filter(this::isAlone).toList();
    if (found.isEmpty() || !region.isIn(graph)) {
      left.put(region.exit(),
          found.isEmpty() ? "its weights have other readers" : "quantization has changed its inputs");
      return;
    }
    long begun = System.nanoTime();
    LearnedRounding.Data data = new LearnedRounding.Data(record(graph, region.entry()),
        record(original, region.exit()));
    LearnedRounding.Outcome outcome = new LearnedRounding(graph, region, found, data, context.backend(),
        context.threads()).learn(plan, advancing(context.progress()));
    outcome.apply(graph);
    context.progress().note("error %.3g, was %.3g, %.0f s".formatted(outcome.after(), outcome.before(),
        (System.nanoTime() - begun) / 1e9));
    outcomes.add(outcome);
    learned += found.size();
    samples = Math.min(samples, data.count());
  }

  /** Tells steps of one part as such of all. */
  private static Progress advancing(Progress all) {
    return new Progress() {
      @Override
      public void advance(long steps) {
        all.advance(steps);
      }
    };
  }

  /** Whether a weight, and its bias, serve one layer only. */
  private boolean isAlone(Weight weight) {
    return weight != null && hasOneReader(weight.dequantized())
        && (weight.bias() == null || hasOneReader(weight.bias()));
  }

  private boolean hasOneReader(String name) {
    Value value = graph.value(name);
    return value != null && value.uses().size() == 1;
  }

  private Recording record(Graph from, String value) {
    return switch (Recording.of(from, context, value, MOST_BYTES)) {
      case Recording.Made made -> made.recording();
      case Recording.Refused refused -> throw new InvalidInputException("value '" + value + "': " + refused.reason());
    };
  }

  /** What was done, as the report says it; empty for rounding to nearest. */
  Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    if (!learns()) return figures;
    if (!outcomes.isEmpty()) {
      long moved = outcomes.stream().mapToLong(LearnedRounding.Outcome::moved).sum();
      figures.put("rounding", "learned by " + way + ": " + learned + " layers in " + outcomes.size() + " parts, "
          + context.settings().whole(STEPS) + " steps each on " + samples + " of " + context.calibration().count()
          + " samples, " + (2 * MOST_BYTES >> 20) + " MiB of activations at most; " + moved
          + " weights are not as nearest has them");
    }
    left.forEach((exit, reason) -> figures.put("rounded to nearest: " + exit, reason));
    return figures;
  }
}
