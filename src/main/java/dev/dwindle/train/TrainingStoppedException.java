package dev.dwindle.train;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.Map;

/** Training has come to a loss that is no number, or far beyond where it began. */
public final class TrainingStoppedException extends InvalidInputException {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, Tensor> state;

  /** @param state the last that is known to be whole, by input of the step */
  TrainingStoppedException(String message, Map<String, Tensor> state) {
    super(message);
    this.state = state;
  }

  public Map<String, Tensor> state() {
    return state;
  }
}
