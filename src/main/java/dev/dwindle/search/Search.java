package dev.dwindle.search;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.check.Gates;
import dev.dwindle.data.DataSet;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Chooses by measuring which layers a recipe compresses, so that the result is right and no slower on every device. What it finds is a recipe, which
 * makes the same model again without any search.
 *
 * @param context with the device to calibrate on
 * @param devices to measure on, at least one
 * @param data whose evaluation part is reported on, or where there is something to choose by accuracy, chosen and reported on, a half each
 * @param inputs of the runs that are timed
 * @param effort how long models are timed
 * @param journal file that measurements are kept in until the {@link #end}
 * @param job what they depend on, beside the recipe and the data
 */
public record Search(
    Model original, Recipe recipe, PassContext context, List<Device> devices, DataSet data, Gates gates, Goals goals,
    Map<String, Tensor> inputs, Effort effort,
    Path journal, String job) {
  /** Halves with fewer rows cannot choose. */
  private static final int FEWEST = 20;

  /**
   * A device that the result must hold on.
   *
   * @param gainsSpeed whether it must be no slower than the original there
   */
  public record Device(Backend backend, boolean gainsSpeed) {}

  /**
   * What there is to choose for.
   *
   * @param accuracy whether the loss of accuracy is to stay within its bound
   * @param speed whether the model is to be no slower than the original
   */
  public record Goals(boolean accuracy, boolean speed) {
    /**
     * What a recipe that can leave layers alone may be chosen for.
     *
     * @param slower whether the user takes a slower model for a smaller one
     */
    public static Goals of(Recipe recipe, DataSet data, Gates gates, TargetProfile target, boolean slower) {
      boolean selective = recipe.selective() >= 0 && data != null && !recipe.trainsAfterwards();
      return new Goals(
          selective && gates.maxDrop() != null && !(data.metrics().getFirst() instanceof MetricSpec.Command)
              && data.evaluation().count() >= 2 * FEWEST,
          selective && target.gainsSpeed() && !slower);
    }

    /** Whether there is anything to choose for. */
    public boolean any() {
      return accuracy || speed;
    }
  }

  /**
   * What was found.
   *
   * @param recipe that makes the model
   * @param reported the samples that no choice was made on; null for all
   */
  public record Found(Recipe recipe, Pipeline.Outcome outcome, List<Decision> decisions, Samples reported) {
    /** The same, with a choice that was made before. */
    public Found after(Decision earlier) {
      List<Decision> all = new ArrayList<>(List.of(earlier));
      all.addAll(decisions);
      return new Found(recipe, outcome, all, reported);
    }
  }

  /** Removes the journal: all that was to follow the search is done too, and nobody needs to go on from it. */
  public void end() {
    Journal.remove(journal);
  }

  /**
   * What searches of this process that failed or are still going on have kept, each told once: where the same job goes on from.
   *
   * @return the journals, with the number of measurements in each
   */
  public static Map<Path, Integer> takeUnfinished() {
    return Journal.takeUnfinished();
  }

  /**
   * Searches. The journal stays, until {@link #end}.
   *
   * @param better given each model that is tried with success and is better than those before, with its recipe; where outputs choose it has not been measured yet
   */
  public Found run(BiConsumer<Recipe, Model> better) {
    try (Journal kept = Journal.open(journal,
        String.join(" ", job, recipe.text(), goals.toString(), DataKey.of(data)))) {
      return new Course(this, kept, better).run();
    }
  }
}
