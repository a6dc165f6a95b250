package dev.dwindle.measure;

import dev.dwindle.pass.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Loads timed in turn (A B, B A, B A, A B, ...), so that a drifting machine hits all alike, in blocks: each block has buffers of its own, and weights of
 * its own where compiling is quick, since the places where they happen to lie make one and the same model some percent faster or slower.
 */
final class Interleaving {
  /** Runs with new buffers before the counted ones of a block. */
  private static final int UNCOUNTED = 3;
  /** Time for compiling anew: as much as this share of the counted runs take, or these seconds. */
  private static final double RENEWING_SHARE = 0.5;
  private static final double RENEWING_SECONDS = 1;

  private final Clock clock;
  private final Length length;

  Interleaving(Clock clock, Length length) {
    this.clock = clock;
    this.length = length;
  }

  /** Times so many loads, each from a source of its own. */
  Runs measure(int count, IntFunction<Source> maker, Progress progress) {
    List<Source> sources = new ArrayList<>();
    long start = clock.nanos();
    try {
      for (int i = 0; i < count; i++) sources.add(maker.apply(i));
      return measure(sources, (clock.nanos() - start) / 1e9, progress);
    } finally {
      sources.forEach(Source::close);
    }
  }

  /** @param making seconds that it took to compile all */
  private Runs measure(List<Source> sources, double making, Progress progress) {
    progress.begin("warm-up", 0);
    WarmUp.Outcome warmUp = withLoads(sources, false, loads -> WarmUp.of(clock, loads, length.warmUpSeconds()));
    double millis = Arrays.stream(warmUp.millis()).sum();
    int rounds = length.rounds(millis);
    double[][] times = new double[sources.size()][rounds];
    progress.begin("latency", rounds);
    double renewing = Math.max(RENEWING_SECONDS, RENEWING_SHARE * rounds * millis / 1e3);
    int counted = blocks(sources, times, making > renewing ? 0 : renewing, progress);
    progress.end();
    return new Runs(Arrays.stream(times).map(of -> Arrays.copyOf(of, counted)).toArray(double[][]::new),
        Runs.blockLength(rounds), warmUp);
  }

  /** Fills in the times; returns how many rounds came to be counted. */
  private int blocks(List<Source> sources, double[][] times, double renewingSeconds, Progress progress) {
    int rounds = times[0].length;
    int blockLength = Runs.blockLength(rounds);
    double left = length.mostSeconds();
    double renewing = 0;
    int done = 0;
    for (int block = 0; done < rounds && (done < Length.LEAST_RUNS || left > 0); block++) {
      boolean backwards = block % 2 == 1;
      if (block > 0 && renewing < renewingSeconds * block / Runs.BLOCKS) {
        long start = clock.nanos();
        (backwards ? sources.reversed() : sources).forEach(Source::renew);
        renewing += (clock.nanos() - start) / 1e9;
      }
      int from = done;
      int to = Math.min(rounds, done + blockLength);
      double seconds = left;
      done = withLoads(sources, backwards, loads -> block(loads, times, from, to, seconds));
      for (double[] of : times) left -= Arrays.stream(of, from, done).sum() / 1e3;
      progress.advance(done - from);
    }
    return done;
  }

  /** Fills in rounds up to {@code to}, or as many as fit; returns how far it came. */
  private int block(List<Load> loads, double[][] times, int from, int to, double seconds) {
    for (Load load : loads) {
      for (int i = 0; i < UNCOUNTED; i++) load.run();
    }
    long end = clock.nanos() + (long) (seconds * 1e9);
    int round = from;
    while (round < to && (round < Length.LEAST_RUNS || clock.nanos() < end)) {
      for (int i = 0; i < loads.size(); i++) {
        int which = turn(round, i, loads.size());
        times[which][round] = time(clock, loads.get(which));
      }
      round++;
    }
    return round;
  }

  /**
   * Which load is run at a place of a round: there and back, and each two rounds begin with the next load. A load that runs twice in a row finds its
   * data in the caches, so that each must have that as often as the others.
   */
  private static int turn(int round, int place, int count) {
    int along = round % 2 == 0 ? place : count - 1 - place;
    return (round / 2 + along) % count;
  }

  private static <T> T withLoads(List<Source> sources, boolean backwards, Function<List<Load>, T> work) {
    List<Load> loads = new ArrayList<>();
    try {
      (backwards ? sources.reversed() : sources).forEach(source -> loads.add(source.open()));
      if (backwards) Collections.reverse(loads);
      return work.apply(loads);
    } finally {
      loads.forEach(Load::close);
    }
  }

  /** The milliseconds of one run. */
  static double time(Clock clock, Load load) {
    long start = clock.nanos();
    load.run();
    return (clock.nanos() - start) / 1e6;
  }
}
