package dev.dwindle.search;

import dev.dwindle.graph.Model;
import dev.dwindle.result.Gate;
import dev.dwindle.result.Gate.Outcome;
import java.util.function.Supplier;

/** The loss of accuracy must be within its bound by some distance, as the best of many tries looks better than it is: what was chosen so is to be reported on other samples. */
record ByAccuracy(Trials trials) implements Criterion {
  @Override
  public Verdict judge(String what, Supplier<Model> model, String stage) {
    Gate gate = trials.judge("accuracy " + what, model, "accuracy " + stage, true);
    return new Verdict(gate.outcome() == Outcome.PASSED, "drop " + gate.found());
  }
}
