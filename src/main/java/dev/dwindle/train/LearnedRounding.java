package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.calibrate.Recording;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Learns without labels whether each weight of a region is rounded up or down, so that the region gives what it gave in floating point: for one layer AdaRound (Nagel et
 * al., 2020), for a block of several the reconstruction of BRECQ (Li et al., 2021). What a region reads is what the quantized layers before it give, so that it mends their
 * errors, too.
 */
public final class LearnedRounding {
  /** Rows along the first axis that a step sees, where one sample does not have more. */
  private static final int BATCH = 32;
  private static final double WARM_UP = 0.2;
  private static final double FIRST_BETA = 20;
  private static final double LAST_BETA = 2;

  /**
   * A weight whose rounding is learned, and the bias of the same layer.
   *
   * @param dequantized the output of the weight's DequantizeLinear, of which the exit alone depends
   * @param exact the numbers before they were rounded, FLOAT
   * @param low the least integer, and {@code high} the largest
   * @param bias the output of the DequantizeLinear of the INT32 bias, or null
   * @param exactBias its numbers, FLOAT; null where there is none
   */
  public record Weight(String dequantized, Tensor exact, long low, long high, String bias, Tensor exactBias) {}

  /**
   * What a region reads and what it should make of it.
   *
   * @param inputs of its entry, as the quantized layers before it give them
   * @param targets of its exit, in floating point
   */
  public record Data(Recording inputs, Recording targets) {
    /** How many samples both have. */
    public int count() {
      return Math.min(inputs.rows().size(), targets.rows().size());
    }

    int batch() {
      return Math.min(count(), (int) Math.max(1, BATCH / Math.max(1, inputs.each().dim(0))));
    }
  }

  /**
   * How to learn.
   *
   * @param steps how many
   * @param rate of Adam: a direction moves by about so much in a step, and has decided from about 2.4 on
   * @param strength of the penalty for weights that have not decided, where the error of plain rounding counts as 1
   * @param seed of the order of the samples
   */
  public record Plan(long steps, double rate, double strength, long seed) {}

  /**
   * What came out.
   *
   * @param before the mean squared error of the region as it was, and {@code after} as it is now
   * @param moved weights with another integer than before
   */
  public record Outcome(double before, double after, long moved, Map<String, Tensor> constants) {
    /** Gives the integers of weights and biases to a graph that has them as constants of the same names. */
    public void apply(Graph graph) {
      constants.forEach((name, tensor) -> graph.setConstant(graph.value(name), Constant.of(tensor)));
    }
  }

  private final Graph graph;
  private final Region region;
  private final List<Weight> weights;
  private final Data data;
  private final Backend backend;
  private final CompileOptions options;

  /**
   * @param graph in QDQ form; {@code region} is in it; is not changed
   * @param threads 0 for all cores; what comes out does not depend on them
   */
  public LearnedRounding(Graph graph, Region region, List<Weight> weights, Data data, Backend backend, int threads) {
    this.graph = graph;
    this.region = region;
    this.weights = List.copyOf(weights);
    this.data = data;
    this.backend = backend;
    this.options = CompileOptions.DEFAULT.withThreads(threads);
  }

  /**
   * Learns.
   *
   * @return the better of what was learned and what there was, by the error on the data
   * @throws InvalidInputException where the region cannot take several samples at once, or has an operator without a gradient
   */
  public Outcome learn(Plan plan, Progress progress) {
    requireBatches();
    double before = error(Map.of());
    if (!(before > 0)) return new Outcome(before, before, 0, Map.of());
    TensorType output = TensorType.of(DType.FLOAT, data.targets().batch(data.batch()));
    TrainingStep step = RoundingStep.of(part(), region.exit(), output, weights, before);
    // One epoch: the loss grows when the penalty sets in, which is no sign of going astray.
    Trainer.Plan run = new Trainer.Plan(plan.steps(), plan.steps(), new Schedule.Constant(plan.rate()), null,
        Double.POSITIVE_INFINITY, false, 0);
    Trainer.Outcome trained = Trainer.run(step, run, at -> feed(plan, at), progress, backend, options.threads());
    Map<String, Tensor> constants = new LinkedHashMap<>();
    long moved = 0;
    for (int i = 0; i < weights.size(); i++) {
      moved += harden(weights.get(i), trained.state().get(RoundingStep.direction(i)), constants);
      Tensor shift = trained.state().get(RoundingStep.shift(i));
      if (shift != null) shift(weights.get(i), shift, Math.sqrt(before), constants);
    }
    double after = error(constants);
    return after < before ? new Outcome(before, after, moved, constants) : new Outcome(before, before, 0, Map.of());
  }

  private Graph part() {
    return region.of(graph, data.inputs().batch(data.batch()));
  }

  private void requireBatches() {
    Graph part = part();
    TensorType found = ShapeInference.of(part).tensorType(part.value(region.exit()));
    Shape expected = data.targets().batch(data.batch());
    if (found == null || !found.isStatic() || !found.shape().equals(expected)) {
      throw new InvalidInputException(
          "value '" + region.exit() + "': becomes " + found + " for several samples, expected " + expected);
    }
  }

  private Map<String, Tensor> feed(Plan plan, long at) {
    SplittableRandom random = new SplittableRandom(plan.seed() * 0x9e3779b97f4a7c15L + at);
    int[] rows = random.ints(data.batch(), 0, data.count()).toArray();
    double progress = Math.max(0, ((double) at / plan.steps() - WARM_UP) / (1 - WARM_UP));
    return Map.of(region.entry(), data.inputs().batch(rows), TrainingStep.TARGET, data.targets().batch(rows),
        RoundingStep.BETA, Tensor.scalar((float) (LAST_BETA + (FIRST_BETA - LAST_BETA) * (1 - progress))),
        RoundingStep.STRENGTH, Tensor.scalar(progress > 0 ? (float) plan.strength() : 0f));
  }

  /** The integers that directions have come to; how many are others than before. */
  private long harden(Weight weight, Tensor directions, Map<String, Tensor> constants) {
    Node node = graph.value(weight.dequantized()).producer();
    Value stored = node.input(0);
    Shape shape = weight.exact().shape();
    float[] steps = RoundingStep.steps(weight.exact().floats(), shape, RoundingStep.spread(node, shape.rank()));
    float[] up = directions.floats();
    long[] old = Elements.longs(stored.tensor());
    long[] integers = new long[old.length];
    long moved = 0;
    for (int i = 0; i < integers.length; i++) {
      long floor = (long) Math.floor(steps[i]);
      integers[i] = Math.clamp(floor + (RoundingStep.isUp(up[i]) ? 1 : 0), weight.low(), weight.high());
      if (integers[i] != old[i]) moved++;
    }
    constants.put(stored.name(), Elements.ofLongs(stored.tensor().dtype(), shape, integers));
    return moved;
  }

  private void shift(Weight weight, Tensor shifts, double unit, Map<String, Tensor> constants) {
    Node node = graph.value(weight.bias()).producer();
    float[] exact = weight.exactBias().floats();
    float[] scales = node.input(1).tensor().floats();
    float[] shift = shifts.floats();
    long[] integers = new long[exact.length];
    for (int c = 0; c < integers.length; c++) {
      double moved = (exact[c] + shift[c] * unit) / scales[scales.length == 1 ? 0 : c];
      integers[c] = (long) Math.clamp(Math.rint(moved), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    constants.put(node.input(0).name(), Elements.ofLongs(DType.INT32, weight.exactBias().shape(), integers));
  }

  /** The mean squared error of the region with other constants, in whole batches of all the data. */
  private double error(Map<String, Tensor> constants) {
    Graph part = part();
    new Outcome(0, 0, 0, constants).apply(part);
    int batch = data.batch();
    double sum = 0;
    long count = 0;
    try (Executable executable = backend.compile(part, options); Bound bound = executable.bind()) {
      for (int from = 0; from + batch <= data.count(); from += batch) {
        int[] rows = IntStream.range(from, from + batch).toArray();
        bound.set(region.entry(), data.inputs().batch(rows));
        bound.run();
        float[] found = bound.outputs().get(region.exit()).floats();
        float[] wanted = data.targets().batch(rows).floats();
        for (int i = 0; i < found.length; i++) sum += ((double) found[i] - wanted[i]) * ((double) found[i] - wanted[i]);
        count += found.length;
      }
    }
    return sum / count;
  }
}
