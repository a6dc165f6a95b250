package dev.dwindle.measure;

import dev.dwindle.result.Estimate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Runs that are not counted: loads in turn, window after window, until the medians of the last three windows agree for every load:
 * nearly equal, or no farther apart than their intervals and a tenth.
 */
public final class WarmUp {
  /**
   * How it went.
   *
   * @param runs of each load
   * @param steady whether the medians came to agree; otherwise time ran out
   * @param millis of one run of each load, the median of the last window
   */
  public record Outcome(int runs, double seconds, boolean steady, double[] millis) {
    /** A sentence where time ran out. */
    public List<String> warnings() {
      return steady ? List.of()
          : List.of(String.format(Locale.ROOT,
              "not steady after %.1f s and %,d runs of each to warm up: the figures may be those of a model still warming up",
              seconds, runs));
    }
  }

  private static final int WINDOWS = 3;
  private static final int LEAST_RUNS = 20;
  private static final double WINDOW_MILLIS = 100;
  private static final double LEAST_SECONDS = 0.5;
  private static final double MOST_SECONDS = 5;
  /** Medians this near to each other, as a share, agree whatever their intervals. */
  private static final double NEAR = 0.02;
  /** Medians farther apart than this do not agree, however wide their intervals are. */
  private static final double FAR = 0.1;

  private final Clock clock;
  private final List<Load> loads;
  private final double most;
  private final double least;
  private final List<Estimate[]> windows = new ArrayList<>();
  private int runs;

  private WarmUp(Clock clock, List<Load> loads, double mostSeconds) {
    this.clock = clock;
    this.loads = loads;
    most = Math.min(mostSeconds, MOST_SECONDS * loads.size());
    least = Math.min(most, LEAST_SECONDS * loads.size());
  }

  /** Warms the loads up, for at most five seconds each. */
  static Outcome of(Clock clock, List<Load> loads) {
    return of(clock, loads, Double.POSITIVE_INFINITY);
  }

  /**
   * Warms the loads up, for at most five seconds each.
   *
   * @param mostSeconds for all together, at most
   */
  static Outcome of(Clock clock, List<Load> loads, double mostSeconds) {
    return new WarmUp(clock, loads, mostSeconds).run();
  }

  private Outcome run() {
    long start = clock.nanos();
    boolean steady = false;
    double seconds = 0;
    while (!(steady && seconds >= least) && seconds < most) {
      windows.add(window(start + (long) (most * 1e9)));
      steady = isSteady();
      seconds = (clock.nanos() - start) / 1e9;
    }
    return new Outcome(runs, seconds, steady, Arrays.stream(windows.getLast()).mapToDouble(Estimate::value).toArray());
  }

  private Estimate[] window(long end) {
    List<double[]> rounds = new ArrayList<>();
    long start = clock.nanos();
    while (rounds.isEmpty() || clock.nanos() < end
        && (rounds.size() < LEAST_RUNS || clock.nanos() - start < WINDOW_MILLIS * loads.size() * 1e6)) {
      rounds.add(loads.stream().mapToDouble(load -> Interleaving.time(clock, load)).toArray());
    }
    runs += rounds.size();
    Estimate[] medians = new Estimate[loads.size()];
    Arrays.setAll(medians, i -> Statistics.median(rounds.stream().mapToDouble(round -> round[i]).toArray()));
    return medians;
  }

  private boolean isSteady() {
    int n = windows.size();
    if (n < WINDOWS) return false;
    for (int load = 0; load < loads.size(); load++) {
      for (int i = n - WINDOWS; i < n - 1; i++) {
        if (!agree(windows.get(i)[load], windows.get(n - 1)[load])) return false;
      }
    }
    return true;
  }

  private static boolean agree(Estimate a, Estimate b) {
    double apart = Math.abs(a.value() / b.value() - 1);
    return apart <= NEAR || apart <= FAR && a.low() <= b.high() && b.low() <= a.high();
  }
}
