package dev.dwindle.report;

import dev.dwindle.result.JobResult;
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
    if (result.latency() == null) return warnings;
    if (!result.latency().device().split(":")[0].equals(result.target())) {
      warnings.add("made for " + result.target() + ", but measured on " + result.latency().device()
          + ": this says nothing of speed there");
    }
    warnings.addAll(result.latency().warnings());
    return warnings;
  }
}
