package dev.dwindle.engine;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.check.Gates;
import dev.dwindle.data.DataSet;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.rewrite.SparseConstants;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What is checked before any work, since it could only fail after all of it. */
final class Preflight {
  private Preflight() {}

  /**
   * Gates that no measurement of this job could decide.
   *
   * @param data null where none is named
   * @throws InvalidInputException naming the gate and what it lacks
   */
  static void requireDecidable(Gates gates, DataSet data, boolean measure) {
    if (!measure || data == null) {
      String lack = measure ? "there is no data set" : "nothing is to be measured";
      if (gates.maxDrop() != null) {
        throw new InvalidInputException("max-drop: " + lack + ", expected a measurement of accuracy to decide by");
      }
      if (gates.maxLatency() != null) {
        throw new InvalidInputException("max-latency: " + lack + ", expected a measurement of latency to decide by");
      }
      return;
    }
    if (gates.maxDrop() != null && data.metrics().getFirst() instanceof MetricSpec.Agreement) {
      throw new InvalidInputException("max-drop: the data set's first metric is agreement, which has no drop;"
          + " expected a metric with labels, such as top-1");
    }
  }

  /** A recipe for another target than the device whose output, with sparse tensors, the device would not read. */
  static void requireReadable(Model original, Recipe recipe, TargetProfile target, List<String> devices) {
    boolean sparse = !SparseConstants.in(original.graph()).isEmpty()
        || recipe.steps().stream().anyMatch(step -> step.pass().name().equals("sparse"));
    for (String device : devices) {
      if (!sparse || !target.sparseTensors() || TargetProfile.of(device).sparseTensors()) continue;
      throw new InvalidInputException("device '" + device + "': reads no sparse tensors, which the result for target '"
          + target.name() + "' would have, expected another device, or --no-measure");
    }
  }

  /** A file that a device's runtime does not read, though the same numbers stored otherwise would run there. */
  static void requireReadable(Path file, Model model, List<String> devices) {
    List<Value> sparse = SparseConstants.in(model.graph());
    for (String device : devices) {
      if (sparse.isEmpty() || TargetProfile.of(device).sparseTensors()) continue;
      throw new InvalidInputException(file + ": stores '" + sparse.getFirst().name() + "' as a sparse tensor, which "
          + TargetProfile.of(device).name() + " does not read, expected dense ones; compress it for that target");
    }
  }

  /** Data without a part to evaluate on, where something is to be measured. */
  static void requireEvaluation(DataSet data, boolean measure) {
    if (measure && data != null && data.evaluation().count() == 0) {
      throw new InvalidInputException("data set '" + data.name()
          + "': found no evaluation part, expected one to measure on; or pass --no-measure");
    }
  }

  /** The inputs that the first sample of a part gives; none where it has no samples. */
  static Set<String> given(Samples part) {
    if (part.count() == 0) return Set.of();
    try (Stream<Sample> stream = part.stream()) {
      return new TreeSet<>(stream.findFirst().orElseThrow().inputs().keySet());
    }
  }

  /**
   * A part of a data set that does not give what the model reads.
   *
   * @param given what {@link #given} found
   * @throws InvalidInputException naming the inputs on both sides
   */
  static void requireInputs(DataSet data, Samples part, Set<String> given, Graph graph) {
    if (part.count() == 0) return;
    for (Value input : graph.requiredInputs()) {
      if (!given.contains(input.name()) && !part.carried().containsValue(input.name())) {
        throw new InvalidInputException("data set '" + data.name() + "': gives inputs " + given
            + ", but the model expects '" + input.name() + "'");
      }
    }
  }
}
