package dev.dwindle.report;

import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.Latency;
import dev.dwindle.result.PassResult;
import java.util.ArrayList;
import java.util.List;

/** What a reader of a result should know before trusting its figures, one sentence each. */
public final class Warnings {
  private Warnings() {}

  /** In the order in which they are shown. */
  public static List<String> of(JobResult result) {
    List<String> warnings = new ArrayList<>();
    for (PassResult pass : result.passes()) {
      if (pass.figures().containsKey("warning")) warnings.add(pass.figures().get("warning"));
    }
    List<DeviceResult> devices = result.byDevice();
    for (DeviceResult each : devices) {
      if (each.latency() != null) of(each.latency(), result.target(), devices.size() > 1, warnings);
    }
    return warnings;
  }

  private static void of(Latency latency, String targets, boolean several, List<String> warnings) {
    if (!List.of(targets.split(",")).contains(latency.device().split(":")[0])) {
      warnings.add("made for " + targets + ", but measured on " + latency.device()
          + ": this says nothing of speed there");
    }
    latency.warnings().forEach(each -> warnings.add(several ? "on " + latency.device() + ": " + each : each));
  }
}
