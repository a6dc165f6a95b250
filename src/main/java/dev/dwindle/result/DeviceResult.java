package dev.dwindle.result;

import java.util.List;
import java.util.Map;

/**
 * What was measured on a device, and what it comes to there.
 *
 * @param device as users write it
 * @param facts of the device, as in {@link MachineInfo#device}
 * @param accuracy as in {@link JobResult#accuracy}
 * @param latency null where nothing was measured
 * @param gates those that were asked for on this device
 * @param agreement with the plain meaning; null on the processor itself
 * @param verdict one sentence
 */
public record DeviceResult(
    String device, Map<String, String> facts, List<Accuracy> accuracy, Latency latency, List<Gate> gates,
    Agreement agreement, String verdict) {}
