package dev.dwindle.engine;

import dev.dwindle.result.Scenario;
import java.nio.file.Path;

/**
 * What to measure of models, and for how long.
 *
 * @param runs counted runs of each model (queries, in other scenarios than single-stream), or null for as many as the scenario usually takes; a
 *     server makes as many as its percentile and its time take
 * @param leastSeconds of counted runs of each model; of a trial of a server
 * @param mostSeconds of all counted runs together; of all trials of a server's search
 * @param percent the percentile to tell
 * @param boundMillis a server's bound on latency
 * @param streams samples of a query (multi-stream), or requests in flight (offline, server); 0 for the usual number
 * @param batch samples of a request offline where the model takes batches; 0 for the usual number
 * @param seed of inputs and arrivals
 * @param root below which {@code proc} and {@code sys} tell of the machine
 */
public record BenchPlan(
    Scenario scenario, Integer runs, double leastSeconds, double mostSeconds, double percent, double boundMillis,
    int streams, int batch, long seed, Path root) {
  static final int USUAL_SAMPLES = 8;
  static final int USUAL_BATCH = 16;
  private static final int USUAL_RUNS = 500;
  private static final int USUAL_OFFLINE_RUNS = 60;

  /** One request at a time, for this long. */
  public static BenchPlan singleStream(int runs, double mostSeconds) {
    return new BenchPlan(Scenario.SINGLE_STREAM, runs, 0, mostSeconds, Scenario.SINGLE_STREAM.percent(), 0, 0, 0, 0,
        Path.of("/"));
  }

  int wantedRuns() {
    return runs != null ? runs : scenario == Scenario.OFFLINE ? USUAL_OFFLINE_RUNS : USUAL_RUNS;
  }

  /** Samples of a query in the scenario of that, else 1. */
  int samples() {
    return scenario != Scenario.MULTI_STREAM ? 1 : streams > 0 ? streams : USUAL_SAMPLES;
  }

  /** Requests in flight where each takes so many threads of so many cores. */
  int inFlight(int threads, int cores) {
    int fitting = Math.max(1, cores / threads);
    return switch (scenario) {
      case SINGLE_STREAM -> 1;
      case MULTI_STREAM -> Math.min(samples(), fitting);
      case OFFLINE, SERVER -> streams > 0 ? streams : fitting;
    };
  }
}
