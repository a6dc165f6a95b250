package dev.dwindle.pass.half;

import dev.dwindle.calibrate.LocalErrors;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Quantization;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.quant.HalfRounding;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which constants of a graph are stored in which type of 16 bits, and which layers keep wide ones for what reason.
 *
 * <p>Case 1: weights of products take the wanted type. Case 2: other constants (biases, coordinates) have few bytes and
 * are added as they are: they take FP16. Case 3: what overflows or errs too much in one type takes the other. Case 4:
 * what does in both stays wide.
 */
final class HalfPlan {
  /** Fewer elements do not pay for the Cast. */
  private static final int FEWEST = 128;
  /** Samples by which outputs are judged: a mean over all their elements needs no more. */
  private static final long SAMPLES = 64;
  private static final Set<String> PRODUCTS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "Gather", "LSTM", "GRU",
      "RNN");

  private final DType wanted;
  private final double maxError;
  private final Map<Value, HalfRounding> roundings = new LinkedHashMap<>();
  private final Map<String, String> skipped = new LinkedHashMap<>();

  HalfPlan(DType wanted, double maxError) {
    this.wanted = wanted;
    this.maxError = maxError;
  }

  /** Takes up the constants that these nodes read, so far as each alone can be rounded. */
  void choose(List<Node> nodes, Patterns excluded) {
    for (Node node : nodes) {
      for (Value value : node.inputs()) {
        if (!isCandidate(value) || roundings.containsKey(value)) continue;
        if (value.uses().stream().map(Use::node).anyMatch(excluded::matches)) {
          skipped.put(node.label(), "excluded by the recipe");
        } else {
          choose(node, value);
        }
      }
    }
  }

  private static boolean isCandidate(Value value) {
    return value != null && value.isConstant() && value.tensor().dtype() == DType.FLOAT
        && value.tensor().size() >= FEWEST
        && value.uses().stream().map(Use::node).noneMatch(n -> Quantization.has(n) || !n.domain().isEmpty());
  }

  private void choose(Node node, Value value) {
    boolean weights = value.tensor().shape().rank() > 1
        && value.uses().stream().allMatch(use -> PRODUCTS.contains(use.node().operator()));
    DType first = weights ? wanted : DType.FLOAT16;
    HalfRounding rounding = round(value, first);
    if (reasonToWiden(rounding) != null) {
      HalfRounding second = round(value, other(first));
      rounding = reasonToWiden(second) == null ? second : rounding;
    }
    String reason = reasonToWiden(rounding);
    if (reason == null) {
      roundings.put(value, rounding);
    } else {
      skipped.put(node.label(), reason);
    }
  }

  private static DType other(DType dtype) {
    return dtype == DType.FLOAT16 ? DType.BFLOAT16 : DType.FLOAT16;
  }

  private static HalfRounding round(Value value, DType dtype) {
    boolean convolution = value.uses().stream().allMatch(use -> use.node().is("Conv") && use.index() == 1);
    return HalfRounding.of(value.tensor(), dtype, convolution);
  }

  private String reasonToWiden(HalfRounding rounding) {
    if (rounding.overflow() > 0) {
      return "holds " + rounding.overflow() + ", beyond the range of " + rounding.values().dtype().text();
    }
    return rounding.error() > maxError ? "rounding changes its constant by " + beyond(rounding.error()) : null;
  }

  /**
   * Judges layers by how much rounding changes their outputs on the calibration samples: where that is too much, their
   * constants take the other type if that errs less, and where it still is too much, they stay wide.
   */
  void judgeByOutputs(Graph graph, PassContext context) {
    PassContext few = context.withCalibration(context.calibration().limit(SAMPLES));
    Set<Node> first = beyond(graph, few).keySet();
    if (first.isEmpty()) return;
    first.stream().flatMap(node -> node.inputs().stream()).forEach(value -> {
      HalfRounding better = better(value);
      if (better != null) roundings.put(value, better);
    });
    beyond(graph, few).forEach((node, error) -> {
      skipped.put(node.label(), "rounding changes its outputs by " + beyond(error));
      node.inputs().forEach(roundings::remove);
    });
  }

  /** A constant's rounding to the other type where that errs less; null where it does not, or the constant stays wide. */
  private HalfRounding better(Value value) {
    HalfRounding first = roundings.get(value);
    HalfRounding second = first == null ? null : round(value, other(first.values().dtype()));
    return second != null && second.overflow() == 0 && second.error() < first.error() ? second : null;
  }

  /** The constants in BF16 that FP16 says more exactly. */
  Map<Value, HalfRounding> finer() {
    Map<Value, HalfRounding> finer = new LinkedHashMap<>();
    roundings.forEach((value, rounding) -> {
      HalfRounding better = rounding.values().dtype() == DType.BFLOAT16 ? better(value) : null;
      if (better != null) finer.put(value, better);
    });
    return finer;
  }

  private Map<Node, Double> beyond(Graph graph, PassContext context) {
    Map<Node, Double> errors = LocalErrors.of(graph, context, rounded());
    errors.values().removeIf(error -> !(error > maxError));
    return errors;
  }

  private String beyond(double error) {
    return String.format(Locale.ROOT, "%.2g %%, more than %.2g %%", 100 * error, 100 * maxError);
  }

  /** How many constants take a type. */
  long uses(DType dtype) {
    return roundings.values().stream().filter(r -> r.values().dtype() == dtype).count();
  }

  /** How many numbers take a type. */
  long size(DType dtype) {
    return roundings.values().stream().map(HalfRounding::values).filter(t -> t.dtype() == dtype)
        .mapToLong(Tensor::size).sum();
  }

  /** The rounded numbers by constant. */
  Map<Value, Tensor> rounded() {
    Map<Value, Tensor> rounded = new LinkedHashMap<>();
    roundings.forEach((value, rounding) -> rounded.put(value, rounding.values()));
    return rounded;
  }

  Map<Value, HalfRounding> roundings() {
    return roundings;
  }

  Map<String, String> skipped() {
    return skipped;
  }
}
