package dev.dwindle.quant;

/**
 * In which order the weights of one output are rounded, and what each is to make up for of those before it.
 *
 * @param order which input's weight is rounded first, second, ...
 * @param factor of the inputs' moments in that order
 */
public record RoundingOrder(int[] order, MomentFactor factor) {
  /** Share of the mean moment that is added to each: more rows show less likeness than there is. */
  private static final double DAMPING = 0.01;
  private static final double MOST_DAMPING = 10;

  /**
   * The largest moments first, for what errs early is made up for by all that follow.
   *
   * @param moments {@code [inputs, inputs]} in a row
   * @throws ArithmeticException where a moment is no number, or the matrix is not positive definite by far
   */
  public static RoundingOrder of(float[] moments, int inputs) {
    int[] order = MomentFactor.largestFirst(moments, inputs);
    // Sums in FLOAT may be off by more than the damping: it grows until that is made up for.
    for (double damping = DAMPING;; damping *= 10) {
      try {
        return new RoundingOrder(order, MomentFactor.of(moments, inputs, order, damping));
      } catch (ArithmeticException e) {
        if (damping >= MOST_DAMPING) throw e;
      }
    }
  }
}
