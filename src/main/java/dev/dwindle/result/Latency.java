package dev.dwindle.result;

import java.util.List;

/**
 * Latency of two models, run in turn on the same device.
 *
 * @param shapes the input shapes in words, such as {@code input [1,3,32,32]}
 * @param threads worker threads
 * @param speedup original over compressed, paired by round
 * @param warnings such as drift of the machine during the measurement
 * @param steps of the compressed model on the device, slowest first; none where they were not timed
 */
public record Latency(
    String device, String precision, String shapes, int threads, Timing original, Timing compressed, Estimate speedup,
    List<String> warnings, List<BenchResult.Step> steps) {
  public Latency {
    steps = steps == null ? List.of() : List.copyOf(steps); // null in a report of before there were any
  }

  /** Without steps. */
  public Latency(String device, String precision, String shapes, int threads, Timing original, Timing compressed,
      Estimate speedup, List<String> warnings) {
    this(device, precision, shapes, threads, original, compressed, speedup, warnings, List.of());
  }

  public Latency withSteps(List<BenchResult.Step> other) {
    return new Latency(device, precision, shapes, threads, original, compressed, speedup, warnings, other);
  }
}
