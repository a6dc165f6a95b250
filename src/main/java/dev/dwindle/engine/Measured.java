package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.measure.Machine;
import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Agreement;
import dev.dwindle.result.Latency;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.MachineInfo;
import java.util.List;

/** What was measured on a device; latency and agreement are null where they were not. */
record Measured(String device, MachineInfo machine, List<Accuracy> accuracy, Latency latency,
    List<LayerFidelity> layers,
    Agreement agreement) {
  /** Nothing, on this device. */
  static Measured nothing(Backend backend) {
    return new Measured(backend.name(), Machine.describe(backend.device()), List.of(), null, List.of(), null);
  }
}
