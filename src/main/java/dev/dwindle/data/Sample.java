package dev.dwindle.data;

import dev.dwindle.tensor.Tensor;
import java.util.Map;

/**
 * The inputs of one run of a model, and the right answer where it is known.
 *
 * @param inputs tensors by input name, with the batch axis the model expects (mostly 1)
 * @param label what the metric compares with (a class index, a score, token ids), or null
 * @param first whether a sequence begins here: carried inputs start from their initial value
 */
public record Sample(Map<String, Tensor> inputs, Tensor label, boolean first) {
  public Sample {
    inputs = Map.copyOf(inputs);
  }
}
