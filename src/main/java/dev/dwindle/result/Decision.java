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
  public Decision {
    layers = List.copyOf(layers);
  }

  /** Before the rule that a choice by outputs alone serves: no label was read for it. */
  public static final String BY_OUTPUTS = "outputs nearer, for ";

  /** Whether layers were chosen by the accuracy on some samples, so that others must be reported on. */
  public static boolean byAccuracy(List<Decision> decisions) {
    return decisions.stream()
        .anyMatch(decision -> decision.rule().startsWith("max-drop") && !decision.layers().isEmpty());
  }
}
