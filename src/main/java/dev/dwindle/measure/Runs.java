package dev.dwindle.measure;

import dev.dwindle.result.Estimate;
import dev.dwindle.result.Tail;
import dev.dwindle.result.Timing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Counted runs of loads that took turns. What follows from them rests on blocks, not on single runs: runs one after the other resemble each
 * other, and those of a block share the places of their buffers.
 *
 * @param times in milliseconds: {@code times[load][round]}
 * @param blockLength rounds of a block; the last may be shorter
 */
public record Runs(double[][] times, int blockLength, WarmUp.Outcome warmUp) {
  /** Blocks that a measurement is cut into, where it has as many rounds. */
  static final int BLOCKS = 20;

  private static final int FEW_RUNS = 50;
  private static final double TREND = 0.01;
  private static final double LEAST_DRIFT = 0.05;

  /** The rounds of a block where there are so many in all. */
  static int blockLength(int rounds) {
    return Math.max(1, Math.ceilDiv(rounds, BLOCKS));
  }

  /** The figures of one load. */
  public Timing timing(int load) {
    return LatencyFigures.timing(times[load], blockLength, warmUp.runs());
  }

  /** A percentile of one load. */
  public Tail tail(int load, double percent) {
    return LatencyFigures.tail(times[load], blockLength, percent);
  }

  /** How many times as fast one load is as another, by the ratios of the rounds in each block. */
  public Estimate speedup(int slow, int fast) {
    return exp(SignedRank.middle(logRatios(slow, fast)));
  }

  /** The same by the least time of each block, in which other programs took part least: for choices between loads, not for claims. */
  public Estimate speedupAtBest(int slow, int fast) {
    double[] slowest = blocks(times[slow], block -> Arrays.stream(block).min().orElseThrow());
    double[] fastest = blocks(times[fast], block -> Arrays.stream(block).min().orElseThrow());
    Arrays.setAll(slowest, block -> Math.log(slowest[block] / fastest[block]));
    return exp(SignedRank.middle(slowest));
  }

  private static Estimate exp(Estimate log) {
    return new Estimate(Math.exp(log.value()), Math.exp(log.low()), Math.exp(log.high()), log.confidence());
  }

  /** The probability of ratios as one-sided as these where both loads are alike. */
  public double pValue(int slow, int fast) {
    return SignedRank.pValue(logRatios(slow, fast));
  }

  /**
   * The probability of ratios as good as these where a load takes so many times as long as another, or longer: what it takes to say
   * that it does not.
   *
   * @param margin times of the other's time that are still called no slower, at least 1
   */
  public double pNoSlower(int load, int other, double margin) {
    double[] ratios = logRatios(other, load);
    for (int i = 0; i < ratios.length; i++) ratios[i] += Math.log(margin);
    double half = SignedRank.pValue(ratios) / 2;
    return SignedRank.middle(ratios).value() > 0 ? half : 1 - half;
  }

  private double[] logRatios(int slow, int fast) {
    double[] ratios = new double[times[slow].length];
    Arrays.setAll(ratios, i -> Math.log(times[slow][i] / times[fast][i]));
    return medians(ratios);
  }

  private double[] medians(double[] values) {
    return blocks(values, block -> Statistics.median(block).value());
  }

  /** One figure of each block. */
  private double[] blocks(double[] values, ToDoubleFunction<double[]> figure) {
    double[] figures = new double[Math.ceilDiv(values.length, blockLength)];
    Arrays.setAll(figures, block -> figure.applyAsDouble(
        Arrays.copyOfRange(values, block * blockLength, Math.min(values.length, (block + 1) * blockLength))));
    return figures;
  }

  /** What a reader of the figures should know: too few runs, no steady state, a trend over the blocks. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    int fewest = Arrays.stream(times).mapToInt(of -> of.length).min().orElse(0);
    if (fewest < FEW_RUNS) warnings.add(fewest + " runs: intervals of so few runs are rough");
    warnings.addAll(warmUp.warnings());
    Arrays.stream(times).map(this::drift).filter(text -> !text.isEmpty()).findFirst().ifPresent(warnings::add);
    return List.copyOf(warnings);
  }

  /** A sentence where the medians of the blocks rise or fall by more than chance and by more than a little; else empty. */
  private String drift(double[] of) {
    double[] medians = medians(of);
    int third = medians.length / 3;
    double p = Trend.pValue(medians);
    if (third == 0 || p >= TREND) return "";
    double early = Statistics.median(Arrays.copyOf(medians, third)).value();
    double late = Statistics.median(Arrays.copyOfRange(medians, medians.length - third, medians.length)).value();
    return Math.abs(late / early - 1) <= LEAST_DRIFT ? ""
        : String.format(Locale.ROOT,
            "the machine drifted: median %.3f ms in the first third of the runs, %.3f ms in the last (trend, p = %.1g)",
            early, late, p);
  }
}
