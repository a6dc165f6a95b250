package dev.dwindle.train;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.Map;

/** Training has come to a loss that is no number, or far beyond where it began. */
public final class TrainingStoppedException extends InvalidInputException {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, Tensor> state;
  private final boolean hasEpoch;

  /**
   * @param state the best that was reached at the end of an epoch of this run, by input of the step; where none ended, the last that is known to be whole
   * @param hasEpoch whether one did
   */
  TrainingStoppedException(String message, Map<String, Tensor> state, boolean hasEpoch) {
    super(message);
    this.state = state;
    this.hasEpoch = hasEpoch;
  }

  public Map<String, Tensor> state() {
    return state;
  }

  /** Whether the state is that of an epoch that ended well. */
  public boolean hasEpoch() {
    return hasEpoch;
  }
}
