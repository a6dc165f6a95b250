package dev.dwindle.search;

import dev.dwindle.check.Gates;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.result.Gate;
import dev.dwindle.result.Gate.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Offers layers that are left alone a smaller way to be stored, with arithmetic in FLOAT: the smallest that the device confirms to be no slower
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

  /** The outcomes of the race, the sizes in bytes of constants, and the gates. */
  private record Judged(Race.Results race, List<Long> bytes, List<Gate> gates) {}

  private final Variants variants;
  private final Trials trials;
  private final Gates bound;
  private final Journal journal;
  private final Race race;

  /**
   * @param trials null where no bound on the loss of accuracy is to hold
   */
  Storage(Variants variants, Trials trials, Gates bound, Journal journal, Race race) {
    this.variants = variants;
    this.trials = trials;
    this.bound = bound;
    this.journal = journal;
    this.race = race;
  }

  /** The choice for a recipe that leaves layers alone; {@code chosen} is what it makes, {@code original} what it is held against. */
  record Choice(Recipe recipe, Decision decision) {}

  /** The recipe with the step that pays, or as it is, and why. */
  Choice choose(Model original, Recipe recipe, Model chosen) {
    List<Recipe> recipes = OFFERS.stream().map(offer -> recipe.then(Recipe.parse(offer.name(), offer.step()))).toList();
    Judged judged = journal.once("storage of what is left alone: " + recipe.text(), Judged.class,
        () -> judge(original, recipes));
    long before = bytes(chosen);
    double[] noSlower = judged.race().results().stream().mapToDouble(Race.Result::noSlower).toArray();
    boolean[] believed = FalseDiscovery.believed(noSlower, RATE);
    int best = -1;
    List<String> told = new ArrayList<>();
    for (int i = 0; i < OFFERS.size(); i++) {
      boolean holds = judged.gates().isEmpty() || judged.gates().get(i).outcome() == Outcome.PASSED;
      told.add(String.format(Locale.ROOT, "%s: constants %.2fx smaller, %s of the original%s", OFFERS.get(i).name(),
          (double) before / judged.bytes().get(i), judged.race().results().get(i).text(),
          judged.gates().isEmpty() ? "" : ", drop " + judged.gates().get(i).found()));
      boolean smaller = judged.bytes().get(i) < WORTHWHILE * (best < 0 ? before : judged.bytes().get(best));
      if (believed[i] && holds && smaller) best = i;
    }
    String choice = best < 0 ? "what is left alone stays as it is"
        : "what is left alone is stored as " + OFFERS.get(best).name();
    return new Choice(best < 0 ? recipe : recipes.get(best),
        new Decision("smaller storage", choice, List.of(), String.join("; ", told)));
  }

  private Judged judge(Model original, List<Recipe> recipes) {
    List<Model> models = recipes.stream().map(recipe -> variants.of(recipe).model()).toList();
    List<Supplier<Model>> others = new ArrayList<>();
    models.forEach(model -> others.add(() -> model));
    List<Gate> gates = new ArrayList<>();
    for (int i = 0; i < models.size() && trials != null; i++) {
      gates.add(bound.judge(null, null, trials.accuracy(models.get(i), "accuracy with " + OFFERS.get(i).name()), null)
          .getFirst());
    }
    return new Judged(race.run(original, others), models.stream().map(Storage::bytes).toList(), gates);
  }

  private static long bytes(Model model) {
    return model.graph().constants().stream().mapToLong(constant -> constant.tensor().byteSize()).sum();
  }
}
