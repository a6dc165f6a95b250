package dev.dwindle.pass.prune;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * By what is saved, in thousandths of what the whole model costs, the least error with which that much is saved, and how: a multiple-choice knapsack, solved exactly but for
 * the rounding of savings. Savings of cuts in different places are added, and so are their errors.
 */
final class Savings {
  private static final int SCALE = 1000;
  /** Savings that are added up may be more than there is: what two cuts save of one layer is counted twice. */
  private static final int BINS = 2 * SCALE + 1;

  private final double[] errors = new double[BINS];
  private final Cut[] cuts = new Cut[BINS];

  /** To save nothing. */
  Savings() {
    Arrays.fill(errors, Double.POSITIVE_INFINITY);
    errors[0] = 0;
    cuts[0] = Cut.NONE;
  }

  /** Takes a cut into account. */
  void offer(Cut cut, double saving, double error) {
    offer(cut, (int) Math.min(BINS - 1, saving * SCALE), error);
  }

  private void offer(Cut cut, int bin, double error) {
    if (error < errors[bin]) {
      errors[bin] = error;
      cuts[bin] = cut;
    }
  }

  /** One of these or one of the other. */
  Savings or(Savings other) {
    Savings either = new Savings();
    for (int bin = 0; bin < BINS; bin++) {
      either.offer(cuts[bin], bin, errors[bin]);
      either.offer(other.cuts[bin], bin, other.errors[bin]);
    }
    return either;
  }

  /** One of these together with one of the other, which are of other places. */
  Savings and(Savings other) {
    Savings both = new Savings();
    int[] first = new int[BINS];
    int[] second = new int[BINS];
    for (int a = 0; a < BINS; a++) {
      for (int b = 0; b < BINS && errors[a] < Double.POSITIVE_INFINITY; b++) {
        double error = errors[a] + other.errors[b];
        int bin = Math.min(BINS - 1, a + b);
        if (error >= both.errors[bin]) continue;
        both.errors[bin] = error;
        first[bin] = a;
        second[bin] = b;
      }
    }
    for (int bin = 0; bin < BINS; bin++) {
      if (both.errors[bin] < Double.POSITIVE_INFINITY) both.cuts[bin] = cuts[first[bin]].and(other.cuts[second[bin]]);
    }
    return both;
  }

  /** The cuts that save at least so much, from the one that saves least to the one that saves most, each of the least error with which as much is saved. */
  List<Cut> from(double saving) {
    Set<Cut> found = new LinkedHashSet<>();
    double least = Double.POSITIVE_INFINITY;
    for (int bin = BINS - 1; bin >= Math.ceil(saving * SCALE); bin--) {
      if (errors[bin] >= least) continue;
      least = errors[bin];
      found.add(cuts[bin]);
    }
    return List.copyOf(found).reversed();
  }
}
