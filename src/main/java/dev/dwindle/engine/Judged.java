package dev.dwindle.engine;

import dev.dwindle.check.Gates;
import dev.dwindle.check.Limit;
import dev.dwindle.result.Accuracy;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.Gate;
import dev.dwindle.result.ModelFile;
import java.util.List;

/** What was measured on a device, and what the gates say of it. */
record Judged(Measured measured, List<Gate> gates) {
  /**
   * Asks the gates.
   *
   * @param packed percent of the original's bytes that the packed file may take, or null
   */
  static Judged of(Measured measured, ModelFile before, ModelFile after, Gates asked, Limit packed) {
    Accuracy deciding = measured.accuracy().isEmpty() ? null : measured.accuracy().getFirst();
    List<Gate> gates = asked.judge(before, after, deciding, measured.latency());
    if (packed != null) gates.add(Gates.packed(before, after.packed(), packed));
    if (measured.agreement() != null) gates.add(Gates.of(measured.agreement()));
    return new Judged(measured, List.copyOf(gates));
  }

  DeviceResult result(ModelFile before, ModelFile after) {
    return new DeviceResult(measured.device(), measured.machine().device(), measured.accuracy(), measured.latency(),
        gates, measured.agreement(), Verdict.of(before, after, List.of(this)));
  }
}
