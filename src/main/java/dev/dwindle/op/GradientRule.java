package dev.dwindle.op;

import dev.dwindle.graph.Value;
import java.util.List;

/** How the gradients of an operator's inputs follow from those of its outputs: a few core operators. */
@FunctionalInterface
public interface GradientRule {
  /** Of an operator through which nothing flows: what it gives is an integer, or does not change with small changes. */
  GradientRule NONE = call -> List.of();

  /**
   * Appends what computes the gradients.
   *
   * @return the gradient of each input, of its type and shape; null, or left out at the end, where there is none or it is not
   *         {@linkplain Backward#needs needed}
   */
  List<Value> apply(Backward call);
}
