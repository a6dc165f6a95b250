package dev.dwindle.backend;

/** What a device counts of the energy that it takes, beside what the processor does. */
public interface EnergyCounter {
  /** Why there is nothing to read, in one sentence; null where there is. */
  String missing();

  /** The energy since some time in the past, in microjoules; it only grows. NaN where it cannot be read any more. */
  double microjoules();
}
