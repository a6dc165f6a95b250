package dev.dwindle.cli;

import dev.dwindle.check.Gates;
import dev.dwindle.check.Limit;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.tensor.InvalidInputException;
import picocli.CommandLine.Option;

/** Bounds that a result must hold, and how long to measure. */
final class GateOptions {
  @Option(names = "--max-drop", paramLabel = "0.5pt", description = "Largest loss of accuracy: pt = percentage points (or the metric's unit), %% = relative.")
  String maxDrop;

  @Option(names = "--max-size", paramLabel = "300kB", description = "Largest file: B, kB, MB, GB, or %% of the original.")
  String maxSize;

  @Option(names = "--max-latency", paramLabel = "5ms", description = "Largest median latency: us, ms, s, or %% of the original.")
  String maxLatency;

  @Option(names = "--confidence", paramLabel = "95", description = "Lets the end of the 95 %% interval decide instead of the point estimate.")
  String confidence;

  @Option(names = "--runs", paramLabel = "N", defaultValue = "500", description = "Latency runs of each model (default: ${DEFAULT-VALUE}).")
  int runs;

  @Option(names = "--seconds", paramLabel = "S", defaultValue = "20", description = "Bound on the time of all latency runs (default: ${DEFAULT-VALUE}).")
  double seconds;

  Gates gates() {
    if (confidence != null && !confidence.equals("95")) {
      throw new InvalidInputException(
          "--confidence: found '" + confidence + "', expected 95, the confidence of all intervals");
    }
    return new Gates(
        maxDrop == null ? null : Limit.parse("--max-drop", maxDrop, Gates.DROP_UNITS),
        maxSize == null ? null : Limit.parse("--max-size", maxSize, Gates.SIZE_UNITS),
        maxLatency == null ? null : Limit.parse("--max-latency", maxLatency, Gates.LATENCY_UNITS),
        confidence != null);
  }

  Effort effort() {
    if (runs < 1 || !(seconds > 0)) {
      throw new InvalidInputException(
          "--runs " + runs + ", --seconds " + seconds + ": expected at least 1 and more than 0");
    }
    return new Effort(runs, seconds);
  }
}
