package dev.dwindle.search;

import dev.dwindle.graph.Model;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.search.Criterion.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Offers layers that are left alone a smaller way to be stored, with arithmetic in FLOAT: the smallest that each device confirms to be no slower
 * than the original, and that keeps the accuracy. So a model that integers do not make faster still becomes smaller.
 */
final class Storage {
  /** What is not a twentieth smaller is not worth another form of the file. */
  private static final double WORTHWHILE = 0.95;
  private static final double RATE = 0.05;

  /** A step that is offered, and its name in the report. */
  private record Offer(String name, String step) {}

  private static final List<Offer> OFFERS = List.of(
      new Offer("INT8 weights", "passes: [weights]"), new Offer("FP16 constants", "passes: [half]"));

  private final Variants variants;
  private final Criterion criterion;
  private final Races races;

  /**
   * @param criterion of accuracy; null where time alone decides
   */
  Storage(Variants variants, Criterion criterion, Races races) {
    this.variants = variants;
    this.criterion = criterion;
    this.races = races;
  }

  /** The choice for a recipe that leaves layers alone; {@code chosen} is what it makes, {@code original} what it is held against. */
  record Choice(Recipe recipe, Decision decision) {}

  /** The recipe with the step that pays, or as it is, and why. */
  Choice choose(Model original, Recipe recipe, Model chosen) {
    List<Recipe> recipes = new ArrayList<>();
    List<Supplier<Model>> models = new ArrayList<>();
    List<Long> bytes = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Offer offer : OFFERS) {
      Recipe other = recipe.then(Recipe.parse(offer.name(), offer.step()));
      Model model = variants.of(other).model();
      if (bytes(model) >= WORTHWHILE * bytes(chosen)) continue;
      recipes.add(other);
      models.add(() -> model);
      bytes.add(bytes(model));
      names.add(offer.name());
    }
    int best = -1;
    List<String> told = new ArrayList<>();
    List<Races.Timed> times = models.isEmpty() ? List.of()
        : races.run("storage of what is left alone: " + recipe.text(), () -> original, models);
    boolean[] believed = FalseDiscovery.believed(times.stream().mapToDouble(Races.Timed::noSlower).toArray(), RATE);
    for (int i = 0; i < models.size(); i++) {
      boolean pays = believed[i] && (best < 0 || bytes.get(i) < WORTHWHILE * bytes.get(best));
      Verdict verdict = pays && criterion != null
          ? criterion.judge("of " + recipes.get(i).text(), models.get(i), "with " + names.get(i)) : null;
      told.add(String.format(Locale.ROOT, "%s: constants %.2fx smaller, %s of the original%s", names.get(i),
          (double) bytes(chosen) / bytes.get(i), times.get(i).text(), verdict == null ? "" : ", " + verdict.found()));
      if (pays && (verdict == null || verdict.holds())) best = i;
    }
    if (models.isEmpty()) told.add("no other form makes all constants a twentieth smaller");
    String choice = best < 0 ? "what is left alone stays as it is"
        : "what is left alone is stored as " + names.get(best);
    return new Choice(best < 0 ? recipe : recipes.get(best),
        new Decision("smaller storage", choice, List.of(), String.join("; ", told)));
  }

  private static long bytes(Model model) {
    return model.graph().constants().stream().mapToLong(constant -> constant.tensor().byteSize()).sum();
  }
}
