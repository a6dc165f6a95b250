package dev.dwindle.search;

import dev.dwindle.check.Gates;
import dev.dwindle.data.DataSet;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Chooses by measuring which layers a recipe compresses, so that the gates hold on the device. What it finds is a recipe, which makes
 * the same model again without any search.
 *
 * @param context with the device to measure on
 * @param data whose evaluation part is chosen and reported on, a half each
 * @param journal file that measurements are kept in until the search is over
 * @param job what they depend on, beside the recipe and the data
 */
public record Search(
    Model original, Recipe recipe, PassContext context, DataSet data, Gates gates, Path journal, String job) {
  /** Halves with fewer rows cannot choose. */
  private static final int FEWEST = 20;

  /**
   * What was found.
   *
   * @param recipe that makes the model
   * @param reported the samples that no choice was made on
   */
  public record Found(Recipe recipe, Pipeline.Outcome outcome, List<Decision> decisions, Samples reported) {}

  /** Whether there is anything to choose: a bound that the data can decide, and a step that can leave layers alone. */
  public static boolean applies(Recipe recipe, DataSet data, Gates gates) {
    return gates.maxDrop() != null && recipe.selective() >= 0 && data != null
        && !(data.metrics().getFirst() instanceof MetricSpec.Command) && data.evaluation().count() >= 2 * FEWEST;
  }

  /**
   * Searches.
   *
   * @param better given each model that holds the gates and is better than those before, with its recipe
   */
  public Found run(BiConsumer<Recipe, Model> better) {
    Journal kept = Journal.open(journal, String.join(" ", job, recipe.text(), DataKey.of(data)));
    try (kept) {
      Samples choosing = data.evaluation().half(false);
      Variants variants = new Variants(original, recipe, context);
      Trials trials = new Trials(original, context, choosing, data.metrics().getFirst());
      Set<String> left = new LinkedHashSet<>();
      List<Decision> decisions = new ArrayList<>();
      Gates bound = new Gates(gates.maxDrop(), null, null, gates.byInterval());
      Decision accuracy = new AccuracyControl(variants, trials, kept, context.progress(), bound, Set.copyOf(left),
          set -> better.accept(variants.recipe(set), variants.of(set).model())).choose();
      decisions.add(accuracy);
      left.addAll(accuracy.layers());
      Found found = new Found(variants.recipe(left), variants.of(left), decisions, data.evaluation().half(true));
      kept.end();
      return found;
    }
  }
}
