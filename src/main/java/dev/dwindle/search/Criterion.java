package dev.dwindle.search;

import dev.dwindle.graph.Model;
import java.util.function.Supplier;

/** What decides whether a try may be taken. */
interface Criterion {
  /** @param found the figures, as the report says them */
  record Verdict(boolean holds, String found) {}

  /**
   * Judges a try.
   *
   * @param what was tried, by which the journal knows it again
   */
  Verdict judge(String what, Supplier<Model> model, String stage);
}
