package dev.dwindle.search;

import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.search.Search.Device;
import dev.dwindle.tensor.Background;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * One search from its beginning to its end: first what is no slower, of that what is right, then how the rest is stored. What comes before anything was
 * chosen by accuracy is looked at on all samples, once: where it holds there, nothing is to be chosen, and all of them report. They do, too, where outputs
 * choose then: of labels the look's loss alone says how near they must come.
 */
final class Course {
  private final Search search;
  private final Journal journal;
  private final BiConsumer<Recipe, Model> better;
  private final Races races;
  /** On all samples, and on the half to choose on; null where no bound on the loss of accuracy is to hold. */
  private final Trials whole;
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
    if (search.goals().accuracy()) {
      Supplier<Samples> samples = samples(search);
      whole = trials(samples);
      // Halves are cut before anything is put into memory, which keeps no rows of several runs and no sequences.
      trials = trials(() -> DeviceTrials.inMemory(search.data().evaluation().half(false)));
    } else {
      whole = null;
      trials = null;
    }
  }

  /** The evaluation part, decoded beside what comes first, but not beside races. */
  private static Supplier<Samples> samples(Search search) {
    Samples evaluation = search.data().evaluation();
    if (search.goals().speed()) return new Once<>(() -> DeviceTrials.inMemory(evaluation));
    return Background.of("evaluation", () -> DeviceTrials.inMemory(evaluation))::get;
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

  private Trials trials(Supplier<Samples> samples) {
    Supplier<Samples> once = new Once<>(samples);
    List<DeviceTrials> trials = search.devices().stream()
        .map(device -> new DeviceTrials(search.original(), on(device, search), once,
            search.data().metrics().getFirst()))
        .toList();
    return new Trials(trials, journal, search.gates().accuracy());
  }

  private static PassContext on(Device device, Search search) {
    PassContext there = search.context().withBackend(device.backend());
    return search.devices().size() == 1 ? there
        : there.withProgress(there.progress().at(device.backend().name()));
  }

  /** What a recipe makes, with what is left alone stored as small as it may be; no decision where there was nothing to decide. */
  private record Stored(Recipe recipe, Pipeline.Outcome outcome, Decision decision) {}

  Search.Found run() {
    if (search.goals().speed()) speed();
    if (search.goals().accuracy()) ways();
    Stored stored = stored(null);
    if (search.goals().accuracy()) {
      Trials.Look first = whole.look("accuracy on all samples of " + stored.recipe().text(), stored.outcome()::model,
          "accuracy on all samples");
      if (first.holds()) {
        better.accept(stored.recipe(), stored.outcome().model());
      } else {
        stored = accuracy(first, stored);
      }
    }
    if (stored.decision() != null) decisions.add(stored.decision());
    Pipeline.Outcome outcome = left.isEmpty() ? stored.outcome() : variants.alone(stored.recipe());
    return new Search.Found(stored.recipe(), outcome, decisions,
        Decision.byAccuracy(decisions) ? search.data().evaluation().half(true) : null);
  }

  /** @param criterion of accuracy; null where time alone decides */
  private Stored stored(Criterion criterion) {
    Recipe recipe = variants.recipe(left);
    Pipeline.Outcome outcome = variants.of(left);
    if (!search.goals().speed() || left.isEmpty()) return new Stored(recipe, outcome, null);
    Storage.Choice choice = new Storage(variants, criterion, races).choose(search.original(), recipe, outcome.model());
    return new Stored(choice.recipe(), choice.recipe() == recipe ? outcome : variants.of(choice.recipe()),
        choice.decision());
  }

  private void speed() {
    SpeedControl.Choice choice = new SpeedControl(variants, races).choose();
    decisions.addAll(choice.decisions());
    left.addAll(choice.left());
  }

  private void ways() {
    if (search.context().calibration().count() == 0) return;
    Ways ways = new Ways(variants, trials, left, search.goals().speed());
    variants = ways.choose();
    decisions.addAll(ways.decisions());
  }

  /** What a choice of layers makes; what stands where none helps. */
  private Stored accuracy(Trials.Look look, Stored stands) {
    Set<String> given = new LinkedHashSet<>(left);
    AccuracyControl control = new AccuracyControl(variants, trials, search.context().progress(), given, look,
        set -> tell(given, set));
    Decision decision = control.choose("of " + stands.recipe().text(), stands.outcome()::model);
    decisions.add(decision);
    return left.addAll(decision.layers()) ? stored(control.criterion()) : stands;
  }

  private void tell(Set<String> given, Set<String> more) {
    Set<String> all = new LinkedHashSet<>(given);
    all.addAll(more);
    better.accept(variants.recipe(all), variants.of(all).model());
  }
}
