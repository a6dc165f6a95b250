package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.LatencyComparison;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.measure.Machine;
import dev.dwindle.measure.Runs;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.BenchResult;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Latency of model files on a device, measured in turn. */
public final class Benchmark {
  private static final int PROFILE_WARMUP = 20;
  private static final int PROFILED_RUNS = 20;

  private final Backend backend;
  private final CompileOptions options;
  private final Effort effort;

  public Benchmark(Backend backend, CompileOptions options, Effort effort) {
    this.backend = backend;
    this.options = options;
    this.effort = effort;
  }

  /**
   * Measures the models with made-up inputs.
   *
   * @param shapes of inputs whose own are not fully known, by name
   */
  public BenchResult run(List<Path> files, Map<String, Shape> shapes, Progress progress) {
    MachineInfo machine = Machine.describe(backend.device());
    List<Request> requests = new ArrayList<>();
    for (Path file : files) {
      Model model = OnnxReader.read(file);
      requests.add(new Request(model, Inputs.synthetic(model.graph(), shapes, 0)));
    }
    LatencyComparison comparison = new LatencyComparison(backend, options, effort);
    Runs runs = comparison.measure(requests, progress);
    List<BenchResult.Entry> entries = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      entries.add(
          new BenchResult.Entry(
              files.get(i).toString(), LatencyComparison.shapes(requests.get(i).inputs()), runs.timing(i),
              runs.speedup(0, i),
              options.profile() ? profile(requests.get(i)) : List.of()));
    }
    return new BenchResult(
        backend.name(), options.precision().name().toLowerCase(Locale.ROOT), options.threads(), machine, entries,
        runs.warnings());
  }

  private List<BenchResult.Step> profile(Request request) {
    try (
        Executable executable = backend.compile(request.model().graph(),
            options.withShapes(request.shapes()).withProfile(true));
        Bound bound = executable.bind()) {
      for (Map.Entry<String, Tensor> input : request.inputs().entrySet()) {
        bound.set(input.getKey(), input.getValue());
      }
      for (int i = 0; i < PROFILE_WARMUP; i++) bound.run();
      List<List<NodeTime>> runs = new ArrayList<>();
      for (int i = 0; i < PROFILED_RUNS; i++) {
        bound.run();
        runs.add(bound.profile());
      }
      return medians(runs);
    }
  }

  /** The median time of each step over the runs, which all have the same steps; slowest first. */
  static List<BenchResult.Step> medians(List<List<NodeTime>> runs) {
    List<BenchResult.Step> steps = new ArrayList<>();
    for (int i = 0; i < runs.getFirst().size(); i++) {
      int step = i;
      double[] millis = runs.stream().mapToDouble(run -> run.get(step).nanos() / 1e6).sorted().toArray();
      int half = millis.length / 2;
      double median = (millis[half] + millis[(millis.length - 1) / 2]) / 2;
      NodeTime first = runs.getFirst().get(i);
      steps.add(new BenchResult.Step(first.nodes(), first.kernel(), median));
    }
    return steps.stream().sorted(Comparator.comparingDouble(BenchResult.Step::millis).reversed()).toList();
  }
}
