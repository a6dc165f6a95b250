package dev.dwindle.cli;

import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.tensor.InvalidInputException;

/** How long to measure latency: runs, and a bound on their time and on that of warming up, each. */
final class EffortOptions {
  private final Argument<Integer> runs;
  private final Argument<Double> seconds;

  /** The options, described by what they are to the command. */
  EffortOptions(Options options, String runsAre, String secondsAre) {
    runs = options.option("--runs", "N", int.class, "500", runsAre);
    seconds = options.option("--seconds", "S", double.class, "20", secondsAre);
  }

  Effort effort() {
    if (runs.get() < 1 || !(seconds.get() > 0)) {
      throw new InvalidInputException(
          "--runs " + runs.get() + ", --seconds " + seconds.get() + ": expected at least 1 and more than 0");
    }
    return new Effort(runs.get(), seconds.get(), seconds.get());
  }
}
