package dev.dwindle.data;

import dev.dwindle.tensor.Tensor;
import java.util.Map;

/**
 * The inputs of one run of a model, and the right answer where it is known.
 *
 * @param inputs tensors by input name, with the batch axis the model expects (mostly 1); a carried input stands here
 *     with its initial value
 * @param label what the metric compares with, or null: INT64 for a class index (a scalar) and token ids, FLOAT for a
 *     score; where a row of the data is run several times, each of its samples has the row's label
 * @param first whether a sequence begins here: carried inputs start from their initial value
 */
public record Sample(Map<String, Tensor> inputs, Tensor label, boolean first) {
  public Sample {
    inputs = Map.copyOf(inputs);
  }
}
