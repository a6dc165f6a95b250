package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * FP32 latency of the zoo, in turn with ONNX Runtime in one process, at one thread and at two: {@code LatencyBenchmark
 * [seconds a model and team] [result file, or - for none] [models ...]}. With {@code -Ddwindle.profile} the slowest
 * steps are listed.
 */
public final class LatencyBenchmark {
  /** Sizes of the team of threads that are measured, as the result file calls them. */
  private enum Team {
    ONE_THREAD, TWO_THREADS;

    int threads() {
      return ordinal() + 1;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Median, the fastest tenth's end and the least of both, in milliseconds. */
  private record Outcome(double ours, double theirs, double oursFast, double theirsFast, double oursLeast,
      double theirsLeast, int runs) {
    double ratio() {
      return theirs / ours;
    }

    double fastRatio() {
      return theirsFast / oursFast;
    }

    double leastRatio() {
      return theirsLeast / oursLeast;
    }

    String json() {
      return String.format(Locale.ROOT,
          "{\"ours_ms\": %.4f, \"onnxruntime_ms\": %.4f, \"ratio\": %.3f, "
              + "\"ours_p10_ms\": %.4f, \"onnxruntime_p10_ms\": %.4f, \"ratio_p10\": %.3f, "
              + "\"ours_least_ms\": %.4f, \"onnxruntime_least_ms\": %.4f, \"ratio_least\": %.3f, \"runs\": %d}",
          ours, theirs, ratio(), oursFast, theirsFast, fastRatio(), oursLeast, theirsLeast, leastRatio(), runs);
    }
  }

  private static final String WHAT = """
        "what": "median latency, batch 1, FP32, runs in turn in one process; ONNX Runtime's threads spin within runs only",
        "ratio": "ONNX Runtime time / our time; p10 is the end of the fastest tenth, which other work disturbs little; least is the best of all runs",
      """;

  private LatencyBenchmark() {}

  public static void main(String[] args) throws Exception {
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 4;
    List<String> chosen = args.length > 2 ? Arrays.asList(args).subList(2, args.length) : List.of();
    String machine = BenchmarkMachine.json();
    StringBuilder json = new StringBuilder();
    Map<Team, List<Outcome>> outcomes = new EnumMap<>(Team.class);
    for (ZooModel model : ZooModel.values()) {
      if (model.path() == null || !chosen.isEmpty() && !chosen.contains(model.fileName())) {
        continue;
      }
      json.append(json.isEmpty() ? "" : ",\n").append("    {\"model\": \"" + model.fileName() + "\"");
      for (Team team : Team.values()) {
        Outcome outcome = measure(model, team.threads(), seconds);
        outcomes.computeIfAbsent(team, t -> new ArrayList<>()).add(outcome);
        print(model, team, outcome);
        json.append(",\n      \"" + team.key() + "\": " + outcome.json());
      }
      json.append("}");
    }
    String means = outcomes.entrySet().stream().map(e -> mean(e.getKey(), e.getValue()))
        .collect(Collectors.joining(", ", "  \"geometric_means\": {", "},\n"));
    System.out.print(means);
    if (args.length > 1 && !args[1].equals("-")) {
      Files.writeString(Path.of(args[1]), "{\n" + WHAT + "  \"machine\": " + machine + ",\n" + means
          + "  \"models\": [\n" + json + "\n  ]\n}\n");
    }
  }

  private static void print(ZooModel model, Team team, Outcome outcome) {
    System.out.printf(Locale.ROOT,
        "%-20s %-11s ours %9.4f ms   ONNX Runtime %9.4f ms   ratio %.3f   fastest tenth %.3f   least %.3f%n",
        model.fileName(), team.key(), outcome.ours(), outcome.theirs(), outcome.ratio(), outcome.fastRatio(),
        outcome.leastRatio());
  }

  /** The geometric means of the ratios, and the lowest. */
  private static String mean(Team team, List<Outcome> outcomes) {
    double lowest = outcomes.stream().mapToDouble(Outcome::ratio).min().orElseThrow();
    double lowestLeast = outcomes.stream().mapToDouble(Outcome::leastRatio).min().orElseThrow();
    return String.format(Locale.ROOT,
        "\"%s\": {\"ratio\": %.3f, \"ratio_p10\": %.3f, \"ratio_least\": %.3f, \"lowest_ratio\": %.3f, "
            + "\"lowest_ratio_least\": %.3f}",
        team.key(), mean(outcomes, Outcome::ratio), mean(outcomes, Outcome::fastRatio),
        mean(outcomes, Outcome::leastRatio), lowest, lowestLeast);
  }

  private static double mean(List<Outcome> outcomes, ToDoubleFunction<Outcome> ratio) {
    return Math.exp(outcomes.stream().mapToDouble(o -> Math.log(ratio.applyAsDouble(o))).average().orElseThrow());
  }

  private static Outcome measure(ZooModel model, int threads, double seconds) throws Exception {
    Map<String, Tensor> samples = model.samples();
    boolean profile = System.getProperty("dwindle.profile") != null;
    CompileOptions options = CompileOptions.DEFAULT.withThreads(threads).withProfile(profile);
    try (OrtModel theirs = new OrtModel(model.path(), threads, samples);
        CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(OnnxReader.read(model.path()).graph(), options);
        Bound ours = executable.bind()) {
      samples.forEach(ours::set);
      warm(ours, theirs, seconds);
      double[] a = new double[1_000_000];
      double[] b = new double[1_000_000];
      int runs = 0;
      long end = System.nanoTime() + (long) (seconds * 1e9);
      while (System.nanoTime() < end && runs < a.length) {
        long t0 = System.nanoTime();
        ours.run();
        long t1 = System.nanoTime();
        theirs.run();
        long t2 = System.nanoTime();
        a[runs] = (t1 - t0) / 1e6;
        b[runs] = (t2 - t1) / 1e6;
        runs++;
      }
      if (profile) {
        print(ours);
      }
      return new Outcome(quantile(a, runs, 2), quantile(b, runs, 2), quantile(a, runs, 10), quantile(b, runs, 10),
          quantile(a, runs, runs + 1), quantile(b, runs, runs + 1), runs);
    }
  }

  private static void warm(Bound ours, OrtModel theirs, double seconds) throws Exception {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      ours.run();
      theirs.run();
    }
  }

  private static void print(Bound bound) {
    Map<String, Long> best = new HashMap<>();
    int[] order = {0};
    for (int run = 0; run < 30; run++) {
      bound.run();
      order[0] = 0;
      for (NodeTime time : bound.profile()) {
        best.merge(String.format("%4d %-22s %s", order[0]++, time.kernel(), time.nodes()), time.nanos(), Math::min);
      }
    }
    best.entrySet().stream().sorted(Comparator.comparingLong((Map.Entry<String, Long> e) -> -e.getValue())).limit(30)
        .forEach(e -> System.out.printf(Locale.ROOT, "%8.1f us  %s%n", e.getValue() / 1e3, e.getKey()));
    System.out.printf(Locale.ROOT, "%8.1f us in %d steps%n",
        best.values().stream().mapToLong(Long::longValue).sum() / 1e3, best.size());
  }

  /** The value below which one part in {@code parts} lies. */
  private static double quantile(double[] values, int count, int parts) {
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted[count / parts];
  }
}
