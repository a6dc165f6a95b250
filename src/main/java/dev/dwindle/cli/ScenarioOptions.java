package dev.dwindle.cli;

import dev.dwindle.check.Limit;
import dev.dwindle.engine.BenchPlan;
import dev.dwindle.result.Scenario;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** How {@code bench} sends requests, how many, and what it claims of them. */
final class ScenarioOptions {
  private static final List<String> TIMES = List.of("us", "ms", "s");

  private final Argument<String> scenario;
  private final Argument<Integer> runs;
  private final Argument<String> duration;
  private final Argument<Double> seconds;
  private final Argument<Double> percentile;
  private final Argument<String> bound;
  private final Argument<Integer> streams;
  private final Argument<Integer> batch;
  private final Argument<Long> seed;

  ScenarioOptions(Options options) {
    scenario = options.option("--scenario", "S", String.class, "single-stream",
        "How requests come: single-stream (one after the other), multi-stream (several at once), offline (all at once) or server (at random times) (default: ${DEFAULT-VALUE}).");
    runs = options.option("--runs", "N", Integer.class,
        "Counted runs of each model, or queries (default: as many as last --duration, at least 500; offline 60).");
    duration = options.option("--duration", "1s", String.class,
        "Least time of the counted runs of each model, for a server of each trial (default: 1s, none with --runs).");
    seconds = options.option("--seconds", "S", double.class, "20",
        "Bound on the time of all counted runs, for a server of its search (default: ${DEFAULT-VALUE}).");
    percentile = options.option("--percentile", "P", Double.class,
        "The percentile to tell, above 50 and below 100 (default: 90, or 99 where several requests come at once or at random).");
    bound = options.option("--latency-bound", "15ms", String.class,
        "Server: how late the percentile may be: us, ms, s.");
    streams = options.option("--streams", "N", int.class, "0",
        "Multi-stream: samples of a query (default: 8); offline and server: requests in flight (default: one for each core, or for --threads of them).");
    batch = options.option("--batch", "N", int.class, "0",
        "Offline: samples of one request, where models take batches (default: 16).");
    seed = options.option("--seed", "N", long.class, "0",
        "Of made-up inputs and arrivals (default: ${DEFAULT-VALUE}).");
  }

  BenchPlan plan() {
    Scenario of = Arrays.stream(Scenario.values()).filter(s -> s.word().equals(scenario.get())).findFirst()
        .orElseThrow(() -> new InvalidInputException(
            "--scenario " + scenario.get() + ": unknown, expected one of " + Scenario.words()));
    if (runs.get() != null) atLeast("--runs", runs.get(), 1);
    atLeast("--streams", streams.get(), 0);
    atLeast("--batch", batch.get(), 0);
    if (!(seconds.get() > 0 && seconds.get() < 1e6)) {
      throw new InvalidInputException(
          "--seconds: found " + seconds.get() + ", expected more than 0 and less than 1000000");
    }
    requireFitting(of);
    double least = duration.get() != null ? milliseconds("--duration", duration.get()) / 1e3
        : runs.get() != null ? 0 : 1;
    return new BenchPlan(of, runs.get(), least, seconds.get(), percent(of), boundMillis(of), streams.get(), batch.get(),
        seed.get(), Path.of("/"));
  }

  /** Options that say nothing in a scenario are not taken in silence. */
  private void requireFitting(Scenario of) {
    boolean server = of == Scenario.SERVER;
    if (server && bound.get() == null) {
      throw new InvalidInputException("--scenario server: found no --latency-bound, expected one such as 15ms");
    }
    refuse(of, "--latency-bound", bound.get() != null && !server, "server");
    refuse(of, "--runs", runs.get() != null && server, "the other scenarios; give --duration");
    refuse(of, "--percentile", percentile.get() != null && of == Scenario.OFFLINE, "the other scenarios");
    refuse(of, "--batch", batch.get() > 0 && of != Scenario.OFFLINE, "offline");
    refuse(of, "--streams", streams.get() > 0 && of == Scenario.SINGLE_STREAM, "multi-stream, offline and server");
  }

  private static void refuse(Scenario of, String flag, boolean found, String where) {
    if (found)
      throw new InvalidInputException("--scenario " + of.word() + ": found " + flag + ", which is for " + where);
  }

  private double percent(Scenario of) {
    if (percentile.get() == null) return of.percent();
    if (!(percentile.get() > 50 && percentile.get() < 100)) {
      throw new InvalidInputException(
          "--percentile: found " + percentile.get() + ", expected more than 50 and less than 100");
    }
    return percentile.get();
  }

  private double boundMillis(Scenario of) {
    if (of != Scenario.SERVER) return 0;
    double millis = milliseconds("--latency-bound", bound.get());
    if (millis == 0)
      throw new InvalidInputException("--latency-bound: found '" + bound.get() + "', expected more than 0");
    return millis;
  }

  private static double milliseconds(String flag, String text) {
    Limit limit = Limit.parse(flag, text, TIMES);
    return limit.number() * switch (limit.unit()) {
      case "us" -> 1e-3;
      case "ms" -> 1;
      default -> 1e3;
    };
  }

  private static void atLeast(String flag, int found, int least) {
    if (found < least || found > 100_000_000) {
      throw new InvalidInputException(flag + ": found " + found + ", expected " + least + " to 100000000");
    }
  }
}
