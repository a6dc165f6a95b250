package dev.dwindle.search;

import dev.dwindle.graph.Model;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The outputs must come as much nearer to the original's, in squared distances, as a look at all samples asks for: the loss of accuracy goes about with the square. No label
 * is read, so that whatever is chosen so may be reported on all samples.
 */
final class ByOutputs implements Criterion {
  /** Of the loss that is within the bound, what is aimed at: the noise of what is measured then is to decide nothing. */
  private static final double AIM = 0.5;

  private final Trials trials;
  private final double[] most;

  /**
   * @param from the distances on each device that the look was at
   * @param look with a share that is bearable on each device, which tells no loss beyond the bound on any
   */
  ByOutputs(Trials trials, double[] from, Trials.Look look) {
    this.trials = trials;
    most = new double[from.length];
    for (int i = 0; i < most.length; i++) {
      double share = look.bearable()[i];
      most[i] = share == Double.POSITIVE_INFINITY ? share : AIM * share * from[i];
    }
  }

  @Override
  public Verdict judge(String what, Supplier<Model> model, String stage) {
    double[] found = trials.distances("distance " + what, model, "outputs " + stage);
    boolean holds = IntStream.range(0, found.length).allMatch(i -> found[i] <= most[i]);
    return new Verdict(holds, "outputs " + percent(found) + " from the original's");
  }

  /** How far outputs are on the device where they are farthest: the root of squared distances. */
  static String percent(double... distances) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * Math.sqrt(Arrays.stream(distances).max().orElseThrow()));
  }
}
