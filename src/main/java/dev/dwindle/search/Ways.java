package dev.dwindle.search;

import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.PassFailedException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * What a recipe leaves open is tried before any layer is left alone: whether weights make up for each other's errors, and where the outputs are far from the original's, other
 * ways to find ranges than by all that the samples showed. What keeps the outputs nearest is taken. Outputs tell what the metric cannot, for on some hundred samples it moves by
 * more than the ways differ.
 */
final class Ways {
  private static final String ROUNDING = "rounding";
  private static final String COMPENSATED = "compensated";
  private static final String BITS = "weight_bits";
  private static final String CALIBRATION = "calibration";
  private static final List<String> RANGES = List.of("moving_average", "auto");
  /** Squared differences relative to the squares, 16 dB: what is nearer is not worth the samples' time. */
  private static final double FAR = 0.025;
  /** Of the same measure: another way must come so much nearer. */
  private static final double NEARER = 0.95;
  private static final double NEARER_RANGES = 0.9;
  /** Of a way whose pass could not do it; outputs that are no numbers are as far. */
  private static final double NONE = Double.MAX_VALUE;

  private final Trials trials;
  private final Collection<String> left;
  private final boolean patient;
  private final List<Decision> decisions = new ArrayList<>();
  private Variants best;

  /**
   * Looks for the best ways with these layers left alone.
   *
   * @param patient whether the search takes long in any case: to round weights of 8 bits otherwise gains less than a decibel, and takes as long as all that a search on the
   *     processor does beside measuring its result
   */
  Ways(Variants variants, Trials trials, Collection<String> left, boolean patient) {
    this.patient = patient;
    this.trials = trials;
    this.left = left;
    best = variants;
  }

  /** The variants with the ways that were chosen; none are where {@link #decisions} stays empty. */
  Variants choose() {
    // Of the recipe as it was given: what is decided writes it anew, without what is as it would be anyway.
    Recipe given = best.recipe();
    boolean worthwhile = patient || !given.leavesOpen(BITS);
    if (worthwhile && given.leavesOpen(ROUNDING)) rounding();
    if (given.leavesOpen(CALIBRATION)) ranges();
    return best;
  }

  List<Decision> decisions() {
    return decisions;
  }

  private void rounding() {
    Variants other = best.deciding(ROUNDING, COMPENSATED);
    double nearest = distance(best);
    double distance = distanceOfWay(other);
    if (distance >= NEARER * nearest) return;
    best = other;
    decide(ROUNDING, "weights make up for each other's errors",
        List.of(told("rounded to nearest", nearest), told(COMPENSATED, distance)));
  }

  private void ranges() {
    Variants before = best;
    double least = distance(before);
    if (least < FAR) return;
    String name = "all that the samples showed";
    List<String> told = new ArrayList<>(List.of(told(name, least)));
    for (String way : RANGES) {
      Variants other = before.deciding(CALIBRATION, way);
      double distance = distanceOfWay(other);
      told.add(told(way, distance));
      if (distance < (best == before ? NEARER_RANGES : 1) * least) {
        least = distance;
        best = other;
        name = way;
      }
    }
    if (best != before) decide("ranges", "ranges of activations by " + name, told);
  }

  private void decide(String rule, String choice, List<String> told) {
    decisions.add(new Decision(rule, choice, List.of(), "outputs from the original's: " + String.join(", ", told)));
  }

  private static String told(String way, double distance) {
    return distance == NONE ? way + " none"
        : String.format(Locale.ROOT, "%s %.2f %%", way, 100 * Math.sqrt(distance));
  }

  /** Of a way that nobody asked for: one that is refused, as for moments that are no numbers, is not nearer. */
  private double distanceOfWay(Variants way) {
    try {
      return distance(way);
    } catch (PassFailedException e) {
      if (!(e.getCause() instanceof InvalidInputException)) throw e;
      return NONE;
    }
  }

  private double distance(Variants of) {
    return trials.distance("distance without " + String.join(", ", left) + of.key(), () -> of.of(left).model());
  }
}
