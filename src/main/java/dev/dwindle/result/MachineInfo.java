package dev.dwindle.result;

import java.util.List;
import java.util.Map;

/**
 * The machine on which figures were measured.
 *
 * @param cpu the processor's own name
 * @param flags instruction sets that matter to speed
 * @param load the one-minute load average before the measurement, or NaN
 * @param device facts of the device that ran the models
 */
public record MachineInfo(
    String cpu, int cores, List<String> flags, long memoryBytes, String os, String java, double load,
    Map<String, String> device) {
  /** The same machine with the facts of another of its devices. */
  public MachineInfo withDevice(Map<String, String> facts) {
    return new MachineInfo(cpu, cores, flags, memoryBytes, os, java, load, facts);
  }
}
