package dev.dwindle.pass.rdoq;

import dev.dwindle.calibrate.InputMoments;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.PassContext;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** What is known of the inputs of layers, by weight; layers that read the same share it, and so do those of one form without samples. */
final class Predictions {
  private final Map<String, float[]> moments;
  private final boolean assumes;
  private final Map<float[], Prediction> seen = new IdentityHashMap<>();
  private final Map<Form, Prediction> assumed = new HashMap<>();

  private record Form(int inputs, Shape places) {}

  private Predictions(Map<String, float[]> moments, boolean assumes) {
    this.moments = moments;
    this.assumes = assumes;
  }

  /** By the setting {@code inputs}. */
  static Predictions of(Graph graph, Selection selection, PassContext context) {
    String inputs = context.settings().word("inputs");
    if (!inputs.equals("samples") || context.calibration().count() == 0) {
      return new Predictions(Map.of(), !inputs.equals("independent"));
    }
    List<Operand> layers = selection.weights().values().stream().flatMap(readers -> readers.stream()
        .filter(each -> Operand.isLayer(each.node()) && each.reduced() == readers.getFirst().reduced())).toList();
    return new Predictions(InputMoments.of(graph, context, layers), true);
  }

  /** How errors of weights are made up for; null where they are not. */
  Prediction of(Value weight, Matrix matrix) {
    float[] known = moments.get(weight.name());
    if (known != null) return seen.computeIfAbsent(known, k -> of(weight.name(), k, matrix.inputs()));
    boolean picture = assumes && matrix.isSum() && matrix.places().size() > 1;
    return !picture ? null
        : assumed.computeIfAbsent(new Form(matrix.inputs(), matrix.places()),
            form -> Prediction.assumed(form.inputs(), form.places()));
  }

  private static Prediction of(String weight, float[] moments, int inputs) {
    try {
      return Prediction.of(moments, inputs);
    } catch (ArithmeticException e) {
      throw new InvalidInputException("weights '" + weight + "': " + e.getMessage()
          + " on the calibration samples; mend the samples, or leave the layer out by 'exclude' in a recipe", e);
    }
  }
}
