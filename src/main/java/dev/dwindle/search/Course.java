package dev.dwindle.search;

import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.search.Search.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;

/** One search from its beginning to its end: first what is no slower, of that what is right, then how the rest is stored. */
final class Course {
  private final Search search;
  private final Journal journal;
  private final BiConsumer<Recipe, Model> better;
  private final Races races;
  private final Trials trials;
  private Variants variants;
  private final Set<String> left = new LinkedHashSet<>();
  private final List<Decision> decisions = new ArrayList<>();

  Course(Search search, Journal journal, BiConsumer<Recipe, Model> better) {
    this.search = search;
    this.journal = journal;
    this.better = better;
    variants = new Variants(search.original(), search.recipe(), search.context());
    races = races(search, journal);
    trials = search.goals().accuracy() ? trials(search, journal) : null;
  }

  private static Races races(Search search, Journal journal) {
    SequencedMap<String, Race> races = new LinkedHashMap<>();
    for (Device device : search.devices()) {
      if (device.gainsSpeed()) {
        races.put(device.backend().name(), new DeviceRace(on(device, search), search.inputs(), search.effort()));
      }
    }
    return new Races(races, journal);
  }

  private static Trials trials(Search search, Journal journal) {
    Samples samples = DeviceTrials.inMemory(search.data().evaluation().half(false));
    List<DeviceTrials> trials = search.devices().stream()
        .map(device -> new DeviceTrials(search.original(), on(device, search), samples,
            search.data().metrics().getFirst()))
        .toList();
    return new Trials(trials, journal, search.gates().accuracy());
  }

  private static PassContext on(Device device, Search search) {
    PassContext there = search.context().withBackend(device.backend());
    return search.devices().size() == 1 ? there
        : there.withProgress(there.progress().at(device.backend().name()));
  }

  Search.Found run() {
    if (search.goals().speed()) speed();
    if (search.goals().accuracy()) accuracy();
    Recipe recipe = variants.recipe(left);
    Pipeline.Outcome outcome = variants.of(left);
    if (search.goals().speed() && !left.isEmpty()) {
      Storage.Choice choice = new Storage(variants, trials, races).choose(search.original(), recipe, outcome.model());
      decisions.add(choice.decision());
      if (choice.recipe() != recipe) {
        recipe = choice.recipe();
        outcome = variants.of(recipe);
      }
    }
    if (!left.isEmpty()) outcome = variants.alone(recipe);
    return new Search.Found(recipe, outcome, decisions, trials == null ? null : search.data().evaluation().half(true));
  }

  private void speed() {
    SpeedControl.Choice choice = new SpeedControl(variants, races).choose();
    decisions.addAll(choice.decisions());
    left.addAll(choice.left());
  }

  private void accuracy() {
    if (variants.recipe().leavesRanges() && search.context().calibration().count() > 0) {
      Ranges.Choice ranges = new Ranges(variants, trials).choose(left);
      variants = ranges.variants();
      if (ranges.decision() != null) decisions.add(ranges.decision());
    }
    Set<String> given = new LinkedHashSet<>(left);
    Decision decision = new AccuracyControl(variants, trials, search.context().progress(), given,
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
