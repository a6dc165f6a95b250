package dev.dwindle.pass.prune;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.data.Sample;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.LatencyComparison;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.measure.Runs;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Estimate;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** What models that something was taken from cost, as shares of what the whole model costs. */
interface Price {
  /**
   * The costs of models of which each has less than the one before it.
   *
   * @return for each its cost; NaN where it is not known to be less than those of all before it, for then nothing is gained by having less
   */
  double[] stairs(List<Model> models);

  /** The cost of one model, with its interval. */
  Estimate of(Model model);

  /** A cost that is counted. */
  static Price counted(Model whole, ToDoubleFunction<Model> count) {
    double all = count.applyAsDouble(whole);
    return new Price() {
      @Override
      public double[] stairs(List<Model> models) {
        double[] costs = models.stream().mapToDouble(model -> of(model).value()).toArray();
        double least = 1;
        for (int i = 0; i < costs.length; i++) {
          if (costs[i] < least) least = costs[i];
          else
            costs[i] = Double.NaN;
        }
        return costs;
      }

      @Override
      public Estimate of(Model model) {
        double cost = count.applyAsDouble(model) / all;
        return new Estimate(cost, cost, cost, 1);
      }
    };
  }

  /** Latency on the device, of one request at a time; all models of a staircase are measured in turn. */
  static Price latency(Model whole, PassContext context) {
    Map<String, Tensor> inputs;
    try (Stream<Sample> samples = context.calibration().stream()) {
      inputs = samples.findFirst().orElseThrow().inputs();
    }
    return new Price() {
      @Override
      public double[] stairs(List<Model> models) {
        Runs runs = measure(models, new Effort(600, 8, 1));
        double[] costs = new double[models.size() + 1];
        for (int i = 0; i < costs.length; i++) costs[i] = 1 / runs.speedupAtBest(0, i).value();
        costs = Stairs.falling(costs);
        int last = 0;
        for (int i = 1; i < costs.length; i++) {
          if (costs[i] < costs[last] && runs.speedupAtBest(last, i).low() > 1) last = i;
          else
            costs[i] = Double.NaN;
        }
        return Arrays.copyOfRange(costs, 1, costs.length);
      }

      @Override
      public Estimate of(Model model) {
        Estimate speedup = measure(List.of(model), new Effort(500, 5, 1)).speedup(0, 1);
        return new Estimate(1 / speedup.value(), 1 / speedup.high(), 1 / speedup.low(), speedup.confidence());
      }

      private Runs measure(List<Model> models, Effort effort) {
        List<Request> requests = new ArrayList<>(List.of(new Request(whole, inputs)));
        models.forEach(model -> requests.add(new Request(model, inputs)));
        return new LatencyComparison(context.backend(), CompileOptions.DEFAULT.withThreads(context.threads()), effort)
            .measure(requests, Progress.SILENT);
      }
    };
  }
}
