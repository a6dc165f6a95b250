package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * FP32 latency of the zoo at one thread, in turn with ONNX Runtime in one process: {@code LatencyBenchmark [seconds a
 * model] [result file, or - for none] [models ...]}. With {@code -Ddwindle.profile} the slowest steps are listed.
 */
public final class LatencyBenchmark {
  /** Median and the tenth part's end of both, in milliseconds. */
  private record Outcome(String model, double ours, double theirs, double oursFast, double theirsFast, int runs) {
    double ratio() {
      return theirs / ours;
    }

    String json() {
      return String.format(Locale.ROOT,
          "    {\"model\": \"%s\", \"ours_ms\": %.4f, \"onnxruntime_ms\": %.4f, \"ratio\": %.3f, "
              + "\"ours_p10_ms\": %.4f, \"onnxruntime_p10_ms\": %.4f, \"ratio_p10\": %.3f, \"runs\": %d}",
          model, ours, theirs, ratio(), oursFast, theirsFast, theirsFast / oursFast, runs);
    }
  }

  private LatencyBenchmark() {}

  public static void main(String[] args) throws Exception {
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 4;
    List<String> chosen = args.length > 2 ? Arrays.asList(args).subList(2, args.length) : List.of();
    StringBuilder json = new StringBuilder();
    for (ZooModel model : ZooModel.values()) {
      if (model.path() != null && (chosen.isEmpty() || chosen.contains(model.fileName()))) {
        Outcome outcome = measure(model, seconds);
        System.out.printf(Locale.ROOT,
            "%-24s ours %9.4f ms   ONNX Runtime %9.4f ms   ratio %.3f   fastest tenth %9.4f / %9.4f = %.3f%n",
            outcome.model(), outcome.ours(), outcome.theirs(), outcome.ratio(), outcome.oursFast(),
            outcome.theirsFast(), outcome.theirsFast() / outcome.oursFast());
        json.append(json.isEmpty() ? "" : ",\n").append(outcome.json());
      }
    }
    if (args.length > 1 && !args[1].equals("-")) {
      Files.writeString(Path.of(args[1]), "{\n" + machine() + "  \"models\": [\n" + json + "\n  ]\n}\n");
    }
  }

  private static String machine() throws Exception {
    String processor = Files.exists(Path.of("/proc/cpuinfo"))
        ? Files.lines(Path.of("/proc/cpuinfo")).filter(l -> l.startsWith("model name")).findFirst().orElse("")
            .replaceFirst(".*: ", "")
        : "";
    return String.format(Locale.ROOT,
        "  \"what\": \"median latency, batch 1, one thread, FP32, runs in turn in one process\",%n"
            + "  \"ratio\": \"ONNX Runtime time / our time; p10 is the end of the fastest tenth, which other work on the machine disturbs least\",%n"
            + "  \"machine\": {\"processor\": \"%s\", \"cores\": %d, \"vectors\": \"%s\", \"java\": \"%s\", \"onnxruntime\": \"1.29.0\"},%n",
        processor, Runtime.getRuntime().availableProcessors(),
        dev.dwindle.backend.cpu.kernel.Machine.current(), Runtime.version());
  }

  private static Outcome measure(ZooModel model, double seconds) throws Exception {
    Map<String, Tensor> samples = model.samples();
    boolean profile = System.getProperty("dwindle.profile") != null;
    CompileOptions options = CompileOptions.DEFAULT.withThreads(1).withProfile(profile);
    try (OrtModel theirs = new OrtModel(model.path(), 1, samples);
        CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(OnnxReader.read(model.path()).graph(), options);
        Bound ours = executable.bind()) {
      samples.forEach(ours::set);
      warm(ours, theirs, seconds / 2);
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
      return new Outcome(model.fileName(), quantile(a, runs, 2), quantile(b, runs, 2), quantile(a, runs, 10),
          quantile(b, runs, 10), runs);
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
