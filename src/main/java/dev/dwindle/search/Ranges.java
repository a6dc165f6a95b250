package dev.dwindle.search;

import dev.dwindle.result.Decision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Where ranges that cover all that the samples showed take the outputs far from the original's, other ways to find them are tried before any layer is left
 * alone: the one that keeps the outputs nearest is taken. Outputs tell what the metric cannot, for on some hundred samples it moves by more than the ways
 * differ.
 */
final class Ranges {
  private static final List<String> WAYS = List.of("moving_average", "auto");
  /** Squared differences relative to the squares, 16 dB: what is nearer is not worth the samples' time. */
  private static final double FAR = 0.025;
  /** Of the same measure: another way must come so much nearer. */
  private static final double NEARER = 0.9;

  private final Variants variants;
  private final Trials trials;

  Ranges(Variants variants, Trials trials) {
    this.variants = variants;
    this.trials = trials;
  }

  /** The variants with the best ranges; no decision where they stay as they were. */
  record Choice(Variants variants, Decision decision) {}

  /** Chooses, with these layers left alone. */
  Choice choose(Collection<String> left) {
    Variants best = variants;
    String name = "all that the samples showed";
    double least = distance(variants, left);
    if (least < FAR) return new Choice(variants, null);
    List<String> told = new ArrayList<>(List.of(told(name, least)));
    for (String way : WAYS) {
      Variants other = variants.withRanges(way);
      double distance = distance(other, left);
      told.add(told(way, distance));
      if (distance < (best == variants ? NEARER : 1) * least) {
        least = distance;
        best = other;
        name = way;
      }
    }
    if (best == variants) return new Choice(variants, null);
    return new Choice(best,
        new Decision("ranges", "ranges of activations by " + name, List.of(),
            "outputs from the original's: " + String.join(", ", told)));
  }

  private static String told(String way, double distance) {
    return String.format(Locale.ROOT, "%s %.2f %%", way, 100 * Math.sqrt(distance));
  }

  private double distance(Variants of, Collection<String> left) {
    return trials.distance("distance without " + String.join(", ", left) + of.key(), () -> of.of(left).model());
  }
}
