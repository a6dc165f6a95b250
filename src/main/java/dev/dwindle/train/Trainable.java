package dev.dwindle.train;

import dev.dwindle.graph.Model;
import dev.dwindle.tensor.Tensor;
import java.util.Map;

/** A model that is to be trained. */
public interface Trainable {
  /** The form in which it is trained. */
  Model model();

  /** What of it changes. */
  TrainingStep.Scope scope();

  /** The trained form with other numbers in its constants, by name; what is no constant of it is left out. */
  Model with(Map<String, Tensor> state);

  /** The model that such constants make when training is over, of standard operators. */
  default Model finished(Map<String, Tensor> state) {
    return with(state);
  }
}
