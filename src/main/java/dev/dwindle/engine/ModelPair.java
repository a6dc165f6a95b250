package dev.dwindle.engine;

import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.List;

/** A model and what became of it, as files and as read. */
record ModelPair(Path original, Model before, Path compressed, Model after) {
  /**
   * Reads both.
   *
   * @throws InvalidInputException where they have not the same inputs and as many outputs
   */
  static ModelPair read(Path original, Path compressed) {
    ModelPair pair = new ModelPair(original, OnnxReader.read(original), compressed, OnnxReader.read(compressed));
    pair.requireSameDoors();
    return pair;
  }

  private void requireSameDoors() {
    List<String> inputs = before.graph().requiredInputs().stream().map(v -> v.name()).toList();
    List<String> others = after.graph().requiredInputs().stream().map(v -> v.name()).toList();
    if (!inputs.equals(others) || before.graph().outputs().size() != after.graph().outputs().size()) {
      throw new InvalidInputException(
          compressed + ": has inputs " + others + " and " + after.graph().outputs().size()
              + " outputs, expected those of " + original
              + ": " + inputs + " and " + before.graph().outputs().size());
    }
  }
}
