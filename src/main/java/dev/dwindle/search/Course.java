package dev.dwindle.search;

import dev.dwindle.check.Gates;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** One search from its beginning to its end: first what is no slower, of that what is right, then how the rest is stored. */
final class Course {
  private final Search search;
  private final Journal journal;
  private final BiConsumer<Recipe, Model> better;
  private final Variants variants;
  private final Race race;
  private final Trials trials;
  private final Gates bound;
  private final Set<String> left = new LinkedHashSet<>();
  private final List<Decision> decisions = new ArrayList<>();

  Course(Search search, Journal journal, BiConsumer<Recipe, Model> better) {
    this.search = search;
    this.journal = journal;
    this.better = better;
    variants = new Variants(search.original(), search.recipe(), search.context());
    race = new DeviceRace(search.context(), search.inputs(), search.effort());
    trials = search.goals().accuracy()
        ? new Trials(search.original(), search.context(), search.data().evaluation().half(false),
            search.data().metrics().getFirst())
        : null;
    bound = search.gates().accuracy();
  }

  Search.Found run() {
    if (search.goals().speed()) speed();
    if (search.goals().accuracy()) accuracy();
    Recipe recipe = variants.recipe(left);
    Pipeline.Outcome outcome = variants.of(left);
    if (search.goals().speed() && !left.isEmpty()) {
      Storage.Choice choice = new Storage(variants, trials, bound, journal, race).choose(search.original(), recipe,
          outcome.model());
      decisions.add(choice.decision());
      if (choice.recipe() != recipe) {
        recipe = choice.recipe();
        outcome = variants.of(recipe);
      }
    }
    return new Search.Found(recipe, outcome, decisions, trials == null ? null : search.data().evaluation().half(true));
  }

  private void speed() {
    SpeedControl.Choice choice = new SpeedControl(variants, journal, race).choose();
    decisions.addAll(choice.decisions());
    left.addAll(choice.left());
  }

  private void accuracy() {
    Set<String> given = Set.copyOf(left);
    Decision decision = new AccuracyControl(variants, trials, journal, search.context().progress(), bound, given,
        set -> tell(given, set)).choose();
    decisions.add(decision);
    left.addAll(decision.layers());
  }

  private void tell(Set<String> given, Set<String> more) {
    Set<String> all = new LinkedHashSet<>(given);
    all.addAll(more);
    better.accept(variants.recipe(all), variants.of(all).model());
  }
}
