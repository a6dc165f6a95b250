package dev.dwindle.cli;

import dev.dwindle.check.Gates;
import dev.dwindle.check.Limit;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;

/** Bounds that a result must hold, and how long to measure. */
final class GateOptions {
  private final Argument<String> maxDrop;
  private final Argument<String> maxSize;
  private final Argument<String> maxLatency;
  private final Argument<String> confidence;
  private final EffortOptions effort;

  GateOptions(Options options) {
    maxDrop = options.option("--max-drop", "0.5pt", String.class,
        "Largest loss of accuracy: pt = percentage points (or the metric's unit), %% = relative.");
    maxSize = options.option("--max-size", "300kB", String.class,
        "Largest file: B, kB, MB, GB, or %% of the original.");
    maxLatency = options.option("--max-latency", "5ms", String.class,
        "Largest median latency: us, ms, s, or %% of the original.");
    confidence = options.option("--confidence", "95", String.class,
        "Lets the end of the 95 %% interval decide instead of the point estimate.");
    effort = new EffortOptions(options, "Latency runs of each model (default: ${DEFAULT-VALUE}).",
        "Bound in seconds on the time of all latency runs, and on warming up before them (default: ${DEFAULT-VALUE}).");
  }

  Gates gates() {
    if (confidence.get() != null && !confidence.get().equals("95")) {
      throw new InvalidInputException(
          "--confidence: found '" + confidence.get() + "', expected 95, the confidence of all intervals");
    }
    return new Gates(
        limit("--max-drop", maxDrop, Gates.DROP_UNITS),
        limit("--max-size", maxSize, Gates.SIZE_UNITS),
        limit("--max-latency", maxLatency, Gates.LATENCY_UNITS),
        confidence.get() != null);
  }

  Effort effort() {
    return effort.effort();
  }

  private static Limit limit(String flag, Argument<String> limit, List<String> units) {
    return limit.get() == null ? null : Limit.parse(flag, limit.get(), units);
  }
}
