package dev.dwindle.result;

import java.util.List;

/**
 * All that a job did and measured: what the report is made of.
 *
 * @param schema {@link #SCHEMA} of the program that wrote it: raised when a field changes its meaning or goes
 * @param command the command line that makes it again
 * @param target whose profile the passes followed; where figures were measured is told beside them
 * @param recipe its text
 * @param accuracy one for each metric, the first decides gates; empty where nothing was measured
 * @param latency null where nothing was measured
 * @param peakMemoryBytes of the whole process, or 0 where unknown
 * @param decisions choices made by measuring, in their order; the recipe holds them already
 * @param agreement of the device with the plain meaning; null where nothing was measured, or on the processor itself
 * @param verdict one sentence; of several devices, with the worst of their verdicts
 * @param devices each of several devices in the order in which they were named; none where there was one. Then {@code machine},
 *     {@code accuracy}, {@code latency}, {@code layers}, {@code gates} and {@code agreement} are those of the device of the worst verdict
 */
public record JobResult(
    int schema,
    String version,
    String command,
    String started,
    double seconds,
    String target,
    String recipe,
    long seed,
    MachineInfo machine,
    ModelFile original,
    ModelFile compressed,
    List<PassResult> passes,
    List<Accuracy> accuracy,
    Latency latency,
    List<LayerFidelity> layers,
    long peakMemoryBytes,
    List<Gate> gates,
    List<Decision> decisions,
    Agreement agreement,
    String verdict,
    List<DeviceResult> devices) {
  public static final int SCHEMA = 1;

  public JobResult {
    decisions = decisions == null ? List.of() : List.copyOf(decisions); // null in a report of before there were any
    devices = devices == null ? List.of() : List.copyOf(devices);
  }

  /** What was measured on each device, one or several. */
  public List<DeviceResult> byDevice() {
    if (!devices.isEmpty()) return devices;
    String device = latency == null ? target : latency.device();
    return List.of(new DeviceResult(device, machine.device(), accuracy, latency, gates, agreement, verdict));
  }
}
