package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.result.BenchResult.Step;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** How long each step of a model takes, by runs that are timed step by step. */
final class StepProfile {
  private static final int WARMUP = 20;
  private static final int RUNS = 20;
  /** Of warming up, and of timing; a slow model is run fewer times. */
  private static final double MOST_SECONDS = 2;
  private static final int FEWEST_RUNS = 3;

  private final Backend backend;
  private final CompileOptions options;

  StepProfile(Backend backend, CompileOptions options) {
    this.backend = backend;
    this.options = options;
  }

  /** The steps, slowest first. */
  List<Step> of(Request request) {
    try (
        Executable executable = backend.compile(request.model().graph(),
            options.withShapes(request.shapes()).withProfile(true));
        Bound bound = executable.bind()) {
      for (Map.Entry<String, Tensor> input : request.inputs().entrySet()) {
        bound.set(input.getKey(), input.getValue());
      }
      long begun = System.nanoTime();
      for (int i = 0; i < WARMUP && (i == 0 || isBrief(begun)); i++) bound.run();
      List<List<NodeTime>> runs = new ArrayList<>();
      begun = System.nanoTime();
      for (int i = 0; i < RUNS && (i < FEWEST_RUNS || isBrief(begun)); i++) {
        bound.run();
        runs.add(bound.profile());
      }
      return medians(runs);
    }
  }

  private static boolean isBrief(long begun) {
    return System.nanoTime() - begun < MOST_SECONDS * 1e9;
  }

  /** The median time of each step over the runs, which all have the same steps; slowest first. */
  static List<Step> medians(List<List<NodeTime>> runs) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < runs.getFirst().size(); i++) {
      int step = i;
      double[] millis = runs.stream().mapToDouble(run -> run.get(step).nanos() / 1e6).sorted().toArray();
      int half = millis.length / 2;
      double median = (millis[half] + millis[(millis.length - 1) / 2]) / 2;
      NodeTime first = runs.getFirst().get(i);
      steps.add(new Step(first.nodes(), first.kernel(), median));
    }
    return steps.stream().sorted(Comparator.comparingDouble(Step::millis).reversed()).toList();
  }
}
