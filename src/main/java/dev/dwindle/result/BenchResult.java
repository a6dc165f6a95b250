package dev.dwindle.result;

import java.util.List;

/**
 * Latency of models measured in turn on one device.
 *
 * @param models in the order of the command line
 * @param warnings such as drift of the machine during the measurement
 */
public record BenchResult(
    String device, String precision, int threads, MachineInfo machine, List<Entry> models, List<String> warnings) {
  /**
   * One model.
   *
   * @param speedup the first model's latency over this one's, paired by round
   * @param nodes median time of each step over further, profiled runs in milliseconds, slowest first; empty unless asked for
   */
  public record Entry(String model, String shapes, Timing timing, Estimate speedup, List<Step> nodes) {}

  /** A step of the compiled graph and its time in milliseconds. */
  public record Step(List<String> nodes, String kernel, double millis) {}
}
