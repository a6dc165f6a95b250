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
import dev.dwindle.tensor.Shape;
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

  private static final double MOST_DRIFT = 0.1;
  private static final int LEAST_RUNS = 10;
  private static final int FEW_RUNS = 50;
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

  /**
   * Counted runs.
   *
   * @param times in milliseconds: {@code times[model][round]}
   * @param warmups runs of each model that were not counted
   */
  public record Runs(double[][] times, int[] warmups) {
    /** The figures of one model. */
    public Timing timing(int model) {
      double[] of = times[model];
      return new Timing(
          of.length, warmups[model], Statistics.median(of), Statistics.percentile(of, 90),
          Statistics.percentile(of, 99),
          Arrays.stream(of).min().orElse(Double.NaN), Statistics.variation(of), Statistics.quantiles(of));
    }

    /** How many times as fast one model is as another, paired by round. */
    public Estimate speedup(int slow, int fast) {
      double[] ratios = new double[times[slow].length];
      Arrays.setAll(ratios, i -> times[slow][i] / times[fast][i]);
      return Statistics.median(ratios);
    }

    /** What a reader of the figures should know: too few runs, drift between the first and the last third. */
    public List<String> warnings() {
      List<String> warnings = new ArrayList<>();
      int fewest = Arrays.stream(times).mapToInt(of -> of.length).min().orElse(0);
      if (fewest < FEW_RUNS) warnings.add(fewest + " runs: intervals of so few runs are rough");
      for (double[] of : times) {
        int third = of.length / 3;
        if (third < 5) continue;
        double early = Statistics.median(Arrays.copyOf(of, third)).value();
        double late = Statistics.median(Arrays.copyOfRange(of, of.length - third, of.length)).value();
        if (Math.abs(late / early - 1) > MOST_DRIFT) {
          warnings.add(
              String.format(
                  Locale.ROOT,
                  "the machine drifted: median %.3f ms in the first third of the runs, %.3f ms in the last", early,
                  late));
          break;
        }
      }
      return List.copyOf(warnings);
    }
  }

  /** A model with the inputs of every run. */
  public record Request(Model model, Map<String, Tensor> inputs) {
    /** The shapes of the inputs by name. */
    public Map<String, Shape> shapes() {
      return inputs.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().shape()));
    }
  }

  /** Measures two models on the same inputs. */
  public Latency compare(Model original, Model compressed, Map<String, Tensor> inputs, Progress progress) {
    Runs runs = measure(List.of(new Request(original, inputs), new Request(compressed, inputs)), progress);
    return new Latency(
        backend.name(), options.precision().name().toLowerCase(Locale.ROOT), shapes(inputs), options.threads(),
        runs.timing(0), runs.timing(1), runs.speedup(0, 1), runs.warnings());
  }

  /** Times the models in turn. */
  public Runs measure(List<Request> requests, Progress progress) {
    List<Executable> executables = new ArrayList<>();
    List<Bound> bounds = new ArrayList<>();
    try {
      for (Request request : requests) {
        executables.add(backend.compile(request.model().graph(), options.withShapes(request.shapes())));
        bounds.add(executables.getLast().bind());
        request.inputs().forEach(bounds.getLast()::set);
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

  /** Input shapes in words, such as {@code input [1,3,32,32]}. */
  public static String shapes(Map<String, Tensor> inputs) {
    return inputs.entrySet().stream().sorted(Map.Entry.comparingByKey())
        .map(e -> e.getKey() + " " + e.getValue().shape())
        .collect(Collectors.joining(", "));
  }
}
