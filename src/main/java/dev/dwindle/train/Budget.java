package dev.dwindle.train;

import dev.dwindle.graph.Model;
import dev.dwindle.rewrite.Cost;
import java.util.function.ToDoubleFunction;

/**
 * What a student may cost. The cost is whatever a caller can say of a model: a count, or a latency measured on the target; it
 * should not grow as a model becomes narrower.
 */
public record Budget(ToDoubleFunction<Model> cost, double limit) {
  /** A share of the {@linkplain Cost#parameters numbers in the constants} of a teacher. */
  public static Budget ofParameters(Model teacher, double share) {
    return share(teacher, Cost::parameters, share);
  }

  /** A share of the {@linkplain Cost#multiplyAdds multiply-adds} of a teacher. */
  public static Budget ofMultiplyAdds(Model teacher, double share) {
    return share(teacher, Cost::multiplyAdds, share);
  }

  /** A share of what a teacher costs, its functions inlined and its constants folded. */
  public static Budget share(Model teacher, ToDoubleFunction<Model> cost, double share) {
    return new Budget(cost, share * cost.applyAsDouble(Student.prepared(teacher)));
  }

  /** Whether a cost is within the limit. */
  public boolean allows(double found) {
    return found <= limit;
  }
}
