package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.measure.QueryComparison;
import dev.dwindle.result.Scenario;
import dev.dwindle.tensor.DwindleException;
import java.util.Arrays;
import java.util.List;

/**
 * What is asked of models and timed as one.
 *
 * @param models with the inputs of one request
 * @param requests of a query
 * @param batch samples of a request
 * @param warnings such as models that take no batches
 */
record BenchQueries(List<Request> models, int requests, int batch, List<String> warnings) {
  /** The least time of a query offline of the slowest and of the fastest model, long enough that starting threads does not count. */
  private static final double SLOWEST_MILLIS = 50;
  private static final double FASTEST_MILLIS = 5;

  /** Queries of the plan's scenario; offline, models run for a moment to see how many samples make a query. */
  static BenchQueries of(
      Backend backend, CompileOptions options, BenchPlan plan, List<Request> models, int inFlight) {
    if (plan.scenario() != Scenario.OFFLINE) return new BenchQueries(models, plan.samples(), 1, List.of());
    QueryComparison burst = new QueryComparison(backend, options, inFlight, inFlight);
    int batch = plan.batch() > 0 ? plan.batch() : BenchPlan.USUAL_BATCH;
    if (batch > 1 && models.stream().allMatch(model -> Batches.fit(model.model().graph()))) {
      List<Request> batches = models.stream().map(model -> batched(model, batch, plan.seed())).toList();
      try {
        return new BenchQueries(batches, inFlight * bursts(burst.roughly(batches)), batch, List.of());
      } catch (DwindleException e) {
        return one(models, burst, inFlight, List.of("no batches: " + e.getMessage()));
      }
    }
    String reason = "no batches: not all models leave the first dimension of their inputs open";
    return one(models, burst, inFlight, plan.batch() > 1 ? List.of(reason) : List.of());
  }

  private static BenchQueries one(List<Request> models, QueryComparison burst, int inFlight, List<String> warnings) {
    return new BenchQueries(models, inFlight * bursts(burst.roughly(models)), 1, warnings);
  }

  private static Request batched(Request one, int batch, long seed) {
    return new Request(one.model(), Inputs.synthetic(one.model().graph(), Batches.shapes(one.inputs(), batch), seed));
  }

  private static int bursts(double[] millis) {
    double slowest = Arrays.stream(millis).max().orElseThrow();
    double fastest = Arrays.stream(millis).min().orElseThrow();
    return (int) Math.ceil(Math.max(SLOWEST_MILLIS / slowest, FASTEST_MILLIS / fastest));
  }

  /** Samples of a query. */
  int samples() {
    return requests * batch;
  }
}
