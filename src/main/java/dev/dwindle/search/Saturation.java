package dev.dwindle.search;

import dev.dwindle.backend.Backend;
import dev.dwindle.calibrate.SaturationErrors;
import dev.dwindle.calibrate.SaturationErrors.Errors;
import dev.dwindle.catalog.Backends;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.PassContext;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Agreement;
import dev.dwindle.result.Decision;
import dev.dwindle.rewrite.ShapeInference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Gives weights of 7 bits, whose products cannot saturate, to those layers that lose less by them than by the saturation of
 * the target's integer units, measured layer by layer on calibration samples. The rest keep 8.
 */
public final class Saturation {
  private static final int SAMPLES = 16;
  private static final int TOLD = 3;

  private Saturation() {}

  /** The recipe for a target that saturates, and why; the same recipe and null where nothing saturates or nothing can be done. */
  public record Choice(Recipe recipe, Decision decision) {}

  /** Chooses. */
  public static Choice choose(Model original, Recipe recipe, PassContext context) {
    if (!context.target().arithmetic().saturates() || !recipe.reducesRange() || context.calibration().count() == 0)
      return new Choice(recipe, null);
    Variants variants = new Variants(original, recipe, context);
    Map<String, Node> layers = variants.nodes();
    Model full = variants.of(recipe).model();
    Model reduced = variants.of(recipe.reducingRange(layers.keySet())).model();
    ShapeInference.of(full.graph()).store();
    Map<String, Errors> errors;
    try (Backend plain = Backends.open("cpu")) {
      errors = SaturationErrors.of(full.graph(), reduced.graph(),
          context.withBackend(plain).withCalibration(context.calibration().limit(SAMPLES)));
    }
    List<String> chosen = new ArrayList<>();
    List<String> told = new ArrayList<>();
    layers.forEach((name, node) -> {
      Errors error = errors.get(node.output().name());
      if (error == null || error.saturation() <= error.others()) return;
      chosen.add(name);
      if (told.size() < TOLD) {
        told.add(name + ": saturation changes its output by " + Agreement.percent(error.saturation())
            + ", 7 bits by " + Agreement.percent(error.others()));
      }
    });
    if (chosen.size() > TOLD) told.add("...");
    return new Choice(recipe.reducingRange(chosen), new Decision("saturation",
        chosen.size() + " of " + errors.size() + " layers take weights of 7 bits", chosen,
        context.target().arithmetic().text() + (told.isEmpty() ? "" : "; " + String.join("; ", told))));
  }
}
