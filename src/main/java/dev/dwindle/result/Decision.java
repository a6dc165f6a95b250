package dev.dwindle.result;

import java.util.List;

/**
 * A choice that was made by measuring, not by the recipe as it was given.
 *
 * @param rule what asked for it, such as {@code max-drop}
 * @param choice what was done, such as {@code left in FLOAT}
 * @param layers the names of the layers that it was done to; may be none
 * @param reason the figures that it rests on
 */
public record Decision(String rule, String choice, List<String> layers, String reason) {
  private static final String ACCURACY = "max-drop";
  private static final String BY_OUTPUTS = ", by outputs";

  public Decision {
    layers = List.copyOf(layers);
  }

  /**
   * The rule of a choice that is to keep the loss of accuracy within a bound.
   *
   * @param outputs whether outputs alone decide, so that no sample's label is read for it
   */
  public static String keepingAccuracy(String bound, boolean outputs) {
    return ACCURACY + " " + bound + (outputs ? BY_OUTPUTS : "");
  }

  /** Whether layers were chosen by the accuracy on some samples, so that others must be reported on. */
  public static boolean byAccuracy(List<Decision> decisions) {
    return decisions.stream().anyMatch(decision -> decision.rule().startsWith(ACCURACY)
        && !decision.rule().endsWith(BY_OUTPUTS) && !decision.layers().isEmpty());
  }
}
