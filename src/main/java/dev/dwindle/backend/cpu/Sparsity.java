package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Value;
import java.util.Locale;

/**
 * The zeros among the weights of a product, and whether its kernel leaves them out.
 *
 * @param zeros their share; 0 where weights are computed
 * @param worth the share from which it pays to leave them out; more than 1 where it never does
 */
record Sparsity(double zeros, double worth) {
  /** Fewer zeros are not worth a word. */
  private static final double NOTABLE = 0.1;

  static Sparsity of(Value weights, double worth, Planning planning) {
    return new Sparsity(weights.isConstant() ? planning.constants().zeros(weights.tensor()) : 0, worth);
  }

  boolean pays() {
    return zeros >= worth;
  }

  /** The name of a kernel, and what it does with zeros where there are some. */
  String words(String kernel) {
    int percent = (int) (100 * zeros);
    if (pays()) return kernel + ", sparse: " + percent + " % zeros left out";
    if (zeros < NOTABLE) return kernel;
    return kernel + String.format(Locale.ROOT, ", dense: %d %% zeros, %s", percent, worth > 1
        ? "in this form they are not worth leaving out" : "%.0f %% are worth leaving out".formatted(100 * worth));
  }
}
