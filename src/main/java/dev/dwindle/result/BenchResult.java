package dev.dwindle.result;

import java.util.List;

/**
 * Speed of models measured in turn on one device.
 *
 * @param threads of each request; 0 for all cores
 * @param before the machine before the measurement
 * @param use who used the cores meanwhile
 * @param peakMemoryBytes the most that this process had resident; 0 where the system does not tell
 * @param noEnergy why no model has an energy, or empty
 * @param energyOf whose energy it is, such as {@code the processor}; empty where there is none
 * @param models in the order of the command line
 * @param rematch where there are three models or more and another than the first did best; else null
 * @param warnings such as drift of the machine during the measurement
 */
public record BenchResult(
    int schema, String device, String precision, int threads, Setting setting, MachineInfo machine, MachineState before,
    MachineState after, MachineUse use, long peakMemoryBytes, String noEnergy, String energyOf, List<Entry> models,
    Rematch rematch,
    List<String> warnings) {
  /** Raised when a field changes its meaning or goes. */
  public static final int SCHEMA = 2;

  /**
   * What was measured.
   *
   * @param samples that are timed as one
   * @param inFlight requests on threads of their own
   * @param batch samples of one request
   * @param percent the percentile that is told
   * @param boundMillis a server's bound on latency; null in other scenarios
   * @param seed of inputs and arrivals
   * @param warmUpSeconds before the counted runs, all models together
   */
  public record Setting(
      String scenario, int samples, int inFlight, int batch, double percent, Double boundMillis, long seed,
      double warmUpSeconds, boolean steady) {}

  /**
   * One model.
   *
   * @param timing of what is timed as one; null for a server that kept its bound at no rate
   * @param tail the percentile that was asked for; null offline, and as timing is
   * @param throughput samples a second, from the median; null for a server
   * @param versus how it did beside the first model; null for the first and for servers
   * @param joules energy of a sample; null where the machine does not tell
   * @param server null in other scenarios
   * @param nodes median time of each step over further, profiled runs in milliseconds, slowest first; empty unless asked for
   */
  public record Entry(
      String model, String shapes, Timing timing, Tail tail, Estimate throughput, Versus versus, Estimate joules,
      ServerRate server, List<Step> nodes) {}

  /**
   * A model beside the first.
   *
   * @param speedup the first model's time over this one's, by blocks of rounds
   * @param pValue the probability of ratios as one-sided as these where both are equally fast
   * @param verdict {@code faster}, {@code slower} or {@code not told apart}, at 5 %
   */
  public record Versus(Estimate speedup, double pValue, String verdict) {}

  /** The best of many beside the first once more, in fresh runs: the best of many looks better than it is. */
  public record Rematch(String model, Timing first, Timing best, Versus versus) {}

  /** A step of the compiled graph and its time in milliseconds. */
  public record Step(List<String> nodes, String kernel, double millis) {}
}
