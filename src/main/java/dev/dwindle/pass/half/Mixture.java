package dev.dwindle.pass.half;

import dev.dwindle.calibrate.ModelErrors;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.HalfRounding;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The choice of those constants of a BF16 model that take FP16, as large and more exact, so that the model's outputs err
 * less: first those by which the outputs move most for each byte. Errors of constants add up as independent noise does; that
 * says how many it takes, and a run with all of them decides.
 */
final class Mixture {
  /** A constant in BF16, its rounding to FP16, and the squared error of the outputs that its rounding to BF16 alone makes. */
  private record Candidate(Value constant, HalfRounding finer, double energy) {
    long size() {
      return constant.tensor().size();
    }
  }

  /** Samples by which the whole is judged. */
  private static final long SAMPLES = 32;
  /** Runs by which constants are compared, all in all: few samples tell them apart. */
  private static final long RUNS = 256;
  private static final long FEWEST_SAMPLES = 2;

  /** How much more than with all of FP16 the outputs may err where that is beyond the largest error. */
  private static final double NEAR = 1.1;

  private final HalfPlan plan;
  private final ModelErrors errors;
  private final double maxError;
  private double error;
  /** What the outputs err by with all of FP16; 0 where that was not asked. */
  private double floor;
  private int taken;

  Mixture(HalfPlan plan, ModelErrors errors, double maxError) {
    this.plan = plan;
    this.errors = errors;
    this.maxError = maxError;
  }

  /**
   * Lets constants take FP16 until the outputs keep within the largest error, or nothing that fits is left. Where FP16 alone
   * errs as much, it is enough to come near to that.
   *
   * @param share of the numbers that may be FP16 in the end
   * @return what was measured, in words
   */
  String choose(double share) {
    double before = error = measure();
    Map<Value, HalfRounding> finer = error > maxError && share > 0 ? plan.finer() : Map.of();
    if (!finer.isEmpty()) choose(finer, share);
    return told(before);
  }

  private void choose(Map<Value, HalfRounding> finer, double share) {
    List<Map<Value, Tensor>> ways = new ArrayList<>();
    finer.keySet().forEach(constant -> ways.add(Map.of(constant, plan.roundings().get(constant).values())));
    Map<Value, Tensor> finest = plan.rounded();
    finer.forEach((constant, rounding) -> finest.put(constant, rounding.values()));
    ways.add(finest);
    double[] found = errors.of(ways, Math.clamp(RUNS / ways.size(), FEWEST_SAMPLES, SAMPLES));
    floor = found[found.length - 1];
    choose(candidates(finer, found), share, Math.max(maxError, NEAR * floor));
  }

  private void choose(List<Candidate> candidates, double share, double aim) {
    double left = candidates.stream().mapToDouble(Candidate::energy).sum();
    List<Candidate> fitting = fitting(candidates, share);
    while (error > aim && taken < fitting.size()) {
      double scale = error * error / left;
      do {
        Candidate next = fitting.get(taken++);
        plan.roundings().put(next.constant(), next.finer());
        left -= next.energy();
      } while (taken < fitting.size() && scale * left > aim * aim);
      error = measure();
    }
  }

  private double measure() {
    return errors.of(List.of(plan.rounded()), SAMPLES)[0];
  }

  /** All that the outputs depend on, the most error for each byte first. */
  private static List<Candidate> candidates(Map<Value, HalfRounding> finer, double[] alone) {
    List<Candidate> candidates = new ArrayList<>();
    finer.forEach((constant, rounding) -> {
      double e = alone[candidates.size()];
      candidates.add(new Candidate(constant, rounding, e * e));
    });
    candidates.removeIf(candidate -> !(candidate.energy() > 0));
    candidates.sort(Comparator.comparingDouble(candidate -> -candidate.energy() / candidate.size()));
    return candidates;
  }

  private List<Candidate> fitting(List<Candidate> candidates, double share) {
    long fp16 = plan.size(DType.FLOAT16);
    double room = share * (fp16 + plan.size(DType.BFLOAT16)) - fp16;
    List<Candidate> fitting = new ArrayList<>();
    for (Candidate candidate : candidates) {
      if (candidate.size() <= room) {
        fitting.add(candidate);
        room -= candidate.size();
      }
    }
    return fitting;
  }

  private String told(double before) {
    StringBuilder told = new StringBuilder(percent(error));
    if (error > maxError) told.append(", more than ").append(percent(maxError));
    if (error > maxError && floor > 0) told.append(" (all in fp16 ").append(percent(floor)).append(")");
    if (taken > 0)
      told.append("; ").append(percent(before)).append(" before ").append(taken).append(" constants took fp16");
    return told.toString();
  }

  private static String percent(double error) {
    return Double.isNaN(error) ? "not finite" : String.format(Locale.ROOT, "%.2g %%", 100 * error);
  }
}
