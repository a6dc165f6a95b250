package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Latency;
import dev.dwindle.result.Timing;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Latency of several models on one device: one request at a time, static shapes, in turn (A B, B A, A B, ...), so that a
 * drifting machine hits all alike.
 */
public final class LatencyComparison {
  /**
   * How long to measure.
   *
   * @param runs wanted runs of each model, 459 for P99
   * @param seconds bound on the time of all counted runs together; the runs that fit are counted, at least 10
   */
  public record Effort(int runs, double seconds) {
    public static final Effort STANDARD = new Effort(500, 20);
  }

  private static final int LEAST_RUNS = 10;
  private static final int WARMUP_RUNS = 20;
  private static final double WARMUP_SECONDS = 0.5;
  private static final double MOST_WARMUP_SECONDS = 5;

  private final Backend backend;
  private final CompileOptions options;
  private final Effort effort;

  public LatencyComparison(Backend backend, CompileOptions options, Effort effort) {
    this.backend = backend;
    this.options = options;
    this.effort = effort;
  }

  /** Runs of each model in milliseconds; {@code times[model][round]}, and how many warm-up runs each had. */
  public record Runs(double[][] times, int[] warmups) {}

  /** Measures two models on the same inputs. */
  public Latency compare(Model original, Model compressed, Map<String, Tensor> inputs, Progress progress) {
    Runs runs = measure(List.of(original, compressed), inputs, progress);
    double[] ratios = new double[runs.times[0].length];
    Arrays.setAll(ratios, i -> runs.times[0][i] / runs.times[1][i]);
    Estimate speedup = Statistics.median(ratios);
    return new Latency(
        backend.name(), options.precision().name().toLowerCase(Locale.ROOT), shapes(inputs), options.threads(),
        timing(runs, 0), timing(runs, 1), speedup, warnings(runs));
  }

  /** Times the models in turn. */
  public Runs measure(List<Model> models, Map<String, Tensor> inputs, Progress progress) {
    CompileOptions fixed = options
        .withShapes(inputs.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().shape())));
    List<Executable> executables = new ArrayList<>();
    List<Bound> bounds = new ArrayList<>();
    try {
      for (Model model : models) {
        executables.add(backend.compile(model.graph(), fixed));
        bounds.add(executables.getLast().bind());
        inputs.forEach(bounds.getLast()::set);
      }
      return time(bounds, progress);
    } finally {
      bounds.forEach(Bound::close);
      executables.forEach(Executable::close);
    }
  }

  private Runs time(List<Bound> bounds, Progress progress) {
    progress.begin("latency", effort.runs());
    int[] warmups = bounds.stream().mapToInt(LatencyComparison::warmUp).toArray();
    double[][] times = new double[bounds.size()][effort.runs()];
    long end = System.nanoTime() + (long) (effort.seconds() * 1e9);
    int round = 0;
    while (round < effort.runs() && (round < LEAST_RUNS || System.nanoTime() < end)) {
      for (int i = 0; i < bounds.size(); i++) {
        int which = round % 2 == 0 ? i : bounds.size() - 1 - i;
        times[which][round] = timeOne(bounds.get(which));
      }
      round++;
      progress.advance(1);
    }
    for (int i = 0; i < times.length; i++) {
      times[i] = Arrays.copyOf(times[i], round);
    }
    progress.end();
    return new Runs(times, warmups);
  }

  private static int warmUp(Bound bound) {
    double spent = 0;
    int runs = 0;
    while ((runs < WARMUP_RUNS || spent < WARMUP_SECONDS * 1e3) && spent < MOST_WARMUP_SECONDS * 1e3) {
      spent += timeOne(bound);
      runs++;
    }
    return runs;
  }

  private static double timeOne(Bound bound) {
    long start = System.nanoTime();
    bound.run();
    return (System.nanoTime() - start) / 1e6;
  }

  /** The figures of one model. */
  public static Timing timing(Runs runs, int model) {
    double[] times = runs.times[model];
    return new Timing(
        times.length, runs.warmups[model], Statistics.median(times), Statistics.percentile(times, 90),
        Statistics.percentile(times, 99), Arrays.stream(times).min().orElse(Double.NaN), Statistics.variation(times));
  }

  /** What a reader of the figures should know: drift between the first and the last third, and wide scatter. */
  static List<String> warnings(Runs runs) {
    List<String> warnings = new ArrayList<>();
    for (double[] times : runs.times) {
      int third = times.length / 3;
      if (third < 5) continue;
      double early = Statistics.median(Arrays.copyOf(times, third)).value();
      double late = Statistics.median(Arrays.copyOfRange(times, times.length - third, times.length)).value();
      if (Math.abs(late / early - 1) > 0.1 && warnings.isEmpty()) {
        warnings.add(
            String.format(
                Locale.ROOT, "the machine drifted: median %.3f ms in the first third of the runs, %.3f ms in the last",
                early, late));
      }
    }
    return warnings;
  }

  private static String shapes(Map<String, Tensor> inputs) {
    return inputs.entrySet().stream().sorted(Map.Entry.comparingByKey())
        .map(e -> e.getKey() + " " + e.getValue().shape())
        .collect(Collectors.joining(", "));
  }
}
