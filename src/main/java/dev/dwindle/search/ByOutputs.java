package dev.dwindle.search;

import dev.dwindle.graph.Model;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The outputs must be as near to the original's, in squared distances, as is asked for on each device. No label is read for that. */
final class ByOutputs implements Criterion {
  private final Trials trials;
  private final double[] most;

  /** @param most distances of each device; infinite where nothing is asked for */
  ByOutputs(Trials trials, double[] most) {
    this.trials = trials;
    this.most = most;
  }

  @Override
  public Verdict judge(String what, Supplier<Model> model, String stage) {
    double[] found = trials.distances("distance " + what, model, "outputs " + stage);
    boolean holds = IntStream.range(0, found.length).allMatch(i -> found[i] <= most[i]);
    return new Verdict(holds, "outputs " + percent(found) + " from the original's");
  }

  /** How far outputs are on the device where they are farthest: the root of squared distances. */
  static String percent(double... distances) {
    double farthest = Arrays.stream(distances).max().orElseThrow();
    return farthest < Double.MAX_VALUE ? String.format(Locale.ROOT, "%.2f %%", 100 * Math.sqrt(farthest)) : "no number";
  }
}
