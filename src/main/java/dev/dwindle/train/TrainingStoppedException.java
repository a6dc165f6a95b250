package dev.dwindle.train;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.Map;

/** Training has come to a loss that is no number, or far beyond where it began. */
public final class TrainingStoppedException extends InvalidInputException {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, Tensor> state;

  /** @param state the best that was reached at the end of an epoch, by input of the step; where none was, the one that training began with */
  TrainingStoppedException(String message, Map<String, Tensor> state) {
    super(message);
    this.state = state;
  }

  public Map<String, Tensor> state() {
    return state;
  }
}
