package dev.dwindle.search;

import dev.dwindle.check.Gates;
import dev.dwindle.graph.Model;
import dev.dwindle.result.Estimate;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Models timed in turn, each held against the first. */
interface Race {
  /**
   * How a model did.
   *
   * @param time its time over that of the first model
   * @param noSlower the probability of such times where it takes {@link Gates#SAME_TIME} times as long as the first model, or longer
   * @param firstNoSlower the same the other way round
   */
  record Result(Estimate time, double noSlower, double firstNoSlower) {
    /** Such as {@code 0.62 times the time [0.60, 0.64]}. */
    String text() {
      return String.format(Locale.ROOT, "%.2f times the time [%.2f, %.2f]", time.value(), time.low(), time.high());
    }
  }

  /** The results of all models but the first, as a journal keeps them. */
  record Results(List<Result> results) {}

  /** Times the first model beside the others. */
  Results run(Model first, List<Supplier<Model>> others);
}
