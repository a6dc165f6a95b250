package dev.dwindle.train;

import dev.dwindle.tensor.InvalidInputException;

/** The learning rate of each step of training. */
public sealed interface Schedule {
  /**
   * The learning rate of a step.
   *
   * @param step which one it is, from 1 on
   */
  double rate(long step);

  /** The same at every step. */
  record Constant(double rate) implements Schedule {
    public Constant {
      requireRate(rate);
    }

    @Override
    public double rate(long step) {
      requireStep(step);
      return rate;
    }
  }

  /**
   * Rises in a line and falls along half a cosine (Loshchilov and Hutter, 2017); what follows the last step stays at the last rate.
   *
   * @param peak the rate at the end of the rise
   * @param warmUp steps of the rise, the last of which has the peak; may be 0
   * @param steps of rise and fall together
   * @param last the rate of the last step, as a share of the peak from 0 to 1
   */
  record Cosine(double peak, long warmUp, long steps, double last) implements Schedule {
    public Cosine {
      requireRate(peak);
      if (warmUp < 0 || warmUp >= steps) {
        throw new InvalidInputException(
            "learning rate: warms up for " + warmUp + " of " + steps
                + " steps, expected at least 0 and fewer than all");
      }
      if (!(last >= 0 && last <= 1)) {
        throw new InvalidInputException(
            "learning rate: ends at " + last + " of its peak, expected a share from 0 to 1");
      }
    }

    @Override
    public double rate(long step) {
      requireStep(step);
      if (step <= warmUp) return peak * step / warmUp;
      double progress = Math.min(1, (double) (step - warmUp) / (steps - warmUp));
      return peak * (last + (1 - last) * (1 + Math.cos(Math.PI * progress)) / 2);
    }
  }

  /**
   * Falls by a factor again and again.
   *
   * @param first the rate of the first steps
   * @param every after so many steps
   * @param factor by which the rate is multiplied then, above 0 and at most 1
   */
  record Stairs(double first, long every, double factor) implements Schedule {
    public Stairs {
      requireRate(first);
      if (every < 1) {
        throw new InvalidInputException("learning rate: falls every " + every + " steps, expected 1 at least");
      }
      if (!(factor > 0 && factor <= 1)) {
        throw new InvalidInputException(
            "learning rate: falls by factor " + factor + ", expected above 0 and at most 1");
      }
    }

    @Override
    public double rate(long step) {
      requireStep(step);
      return first * Math.pow(factor, (step - 1) / every);
    }
  }

  private static void requireRate(double rate) {
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new InvalidInputException("learning rate: is " + rate + ", expected a number above 0");
    }
  }

  private static void requireStep(long step) {
    if (step < 1) throw new IllegalArgumentException("step " + step + ", expected 1 or more");
  }
}
