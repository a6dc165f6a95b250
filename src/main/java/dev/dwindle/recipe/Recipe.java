package dev.dwindle.recipe;

import dev.dwindle.catalog.Passes;
import dev.dwindle.data.Yaml;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Ordered passes with their settings.
 *
 * @param text the YAML it was read from
 * @param seed of everything random
 */
public record Recipe(String text, List<Pipeline.Step> steps, long seed) {
  private static final Map<String, String> BUILT_IN = Map.of(
      "int8", "passes: [fold, quantize]\n",
      "int8-weights", "passes: [fold, weights]\n",
      "int4", "passes: [fold, {weights: {format: int4}}]\n",
      "fp8", "passes: [fold, {weights: {format: fp8}}]\n",
      "fp8-e5m2", "passes: [fold, {weights: {format: fp8_e5m2}}]\n",
      "fp16", "passes: [fold, half]\n",
      "bf16", "passes: [fold, {half: {format: bf16}}]\n");

  private static final String EXCLUDE = "exclude";
  private static final String REDUCE_RANGE = "reduce_range";

  /** The recipe behind {@code --int8}. */
  public static Recipe int8() {
    return builtIn("int8");
  }

  /** The recipe behind an option such as {@code --int4}, by the option's name without its dashes. */
  public static Recipe builtIn(String name) {
    String text = BUILT_IN.get(name);
    if (text == null) {
      throw new InvalidInputException(
          "recipe '" + name + "': found no built-in one, expected one of " + new TreeSet<>(BUILT_IN.keySet()));
    }
    return parse("--" + name, text);
  }

  /**
   * A recipe of one pass.
   *
   * @param settings as YAML by name
   * @throws InvalidInputException naming a setting that is not one, or not what it should be
   */
  public static Recipe of(String name, Map<String, String> settings, long seed) {
    Pass pass = Passes.find(name).orElseThrow();
    Map<String, Object> values = new LinkedHashMap<>();
    settings.forEach((setting, text) -> values.put(setting, Yaml.parse(name + ": " + setting, text).value()));
    List<Pipeline.Step> steps = List.of(new Pipeline.Step(pass, pass.settings().check(name, values)));
    return new Recipe(RecipeText.of(steps, seed), steps, seed);
  }

  /** Reads a recipe file. */
  public static Recipe read(Path file) {
    return parse(file.toString(), Yaml.text(file, "a recipe in YAML"));
  }

  /**
   * Reads a recipe.
   *
   * @param source its name in errors
   * @throws dev.dwindle.tensor.InvalidInputException at the first flaw, pointing at its line
   */
  public static Recipe parse(String source, String text) {
    Yaml root = Yaml.parse(source, text);
    Map<String, Yaml> keys = root.mapping(Set.of("passes", "seed"));
    if (!keys.containsKey("passes")) {
      throw root.error("found no 'passes', expected a list of " + Passes.names());
    }
    List<Pipeline.Step> steps = new ArrayList<>();
    List<Yaml> items = keys.get("passes").isEmpty() ? List.of() : keys.get("passes").list();
    for (Yaml item : items) steps.add(step(item));
    if (steps.isEmpty()) {
      throw keys.get("passes").error("the list of passes is empty, expected at least one of " + Passes.names());
    }
    for (int i = 0; i < steps.size() - 1; i++) {
      if (packing(steps.get(i)) != null) {
        throw items.get(i)
            .error("found pass '" + steps.get(i).pass().name() + "' before another, expected it at the end");
      }
    }
    return new Recipe(text, List.copyOf(steps), keys.containsKey("seed") ? keys.get("seed").whole() : 0);
  }

  /** The first step that can leave layers alone, counted from 0; -1 where there is none. */
  public int selective() {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).pass().settings().has(EXCLUDE)) return i;
    }
    return -1;
  }

  /** The preset by which the file is packed as well; null where it is not. */
  public String packing() {
    return steps.isEmpty() ? null : packing(steps.getLast());
  }

  private static String packing(Pipeline.Step step) {
    return step.pass().packing(step.settings());
  }

  /** Whether a step trains. */
  public boolean trains() {
    return steps.stream().anyMatch(step -> step.pass().trains());
  }

  /** Whether a step behind the {@link #selective} one trains, which is too much to be done for each of many tries. */
  public boolean trainsAfterwards() {
    return selective() >= 0 && steps.subList(selective(), steps.size()).stream().anyMatch(step -> step.pass().trains());
  }

  /** This recipe, but its {@link #selective} step leaves these layers alone too; its text says so. */
  public Recipe leavingAlone(Collection<String> layers) {
    return adding(EXCLUDE, layers);
  }

  /** Whether the {@link #selective} step can store weights of some layers in 7 bits. */
  public boolean reducesRange() {
    return selective() >= 0 && steps.get(selective()).pass().settings().has(REDUCE_RANGE);
  }

  /** This recipe, but with weights of 7 bits in these layers too, where it {@link #reducesRange}; its text says so. */
  public Recipe reducingRange(Collection<String> layers) {
    return adding(REDUCE_RANGE, layers);
  }

  /** Whether the {@link #selective} step has this setting, and nothing is asked of it. */
  public boolean leavesOpen(String setting) {
    return selective() >= 0 && steps.get(selective()).pass().settings().has(setting) && !text.contains(setting);
  }

  /** This recipe with more words in a setting of its {@link #selective} step. */
  private Recipe adding(String setting, Collection<String> layers) {
    if (layers.isEmpty()) return this;
    List<String> words = new ArrayList<>(steps.get(selective()).settings().words(setting));
    layers.stream().filter(layer -> !words.contains(layer)).forEach(words::add);
    return deciding(setting, List.copyOf(words));
  }

  /** This recipe, but a setting of its {@link #selective} step is decided so; its text says so. */
  public Recipe deciding(String setting, Object value) {
    Pipeline.Step step = steps.get(selective());
    Map<String, Object> values = new LinkedHashMap<>(step.settings().values());
    values.put(setting, value);
    List<Pipeline.Step> others = new ArrayList<>(steps);
    others.set(selective(), new Pipeline.Step(step.pass(), step.pass().settings().check("recipe", values)));
    return new Recipe(RecipeText.of(others, seed), List.copyOf(others), seed);
  }

  /** This recipe, and then the steps of another, but packing at the end; its text says so. */
  public Recipe then(Recipe other) {
    List<Pipeline.Step> all = new ArrayList<>(steps);
    all.addAll(packing() == null ? all.size() : all.size() - 1, other.steps());
    return new Recipe(RecipeText.of(all, seed), List.copyOf(all), seed);
  }

  private static Pipeline.Step step(Yaml item) {
    if (item.isScalar()) {
      return step(item, item.text(), Map.of());
    }
    Map<String, Yaml> entry = item.mapping();
    if (entry.size() != 1) {
      throw item.error("found keys " + entry.keySet()
          + ", expected one pass with its settings, such as 'quantize: {weights: per_channel}'");
    }
    Map.Entry<String, Yaml> only = entry.entrySet().iterator().next();
    return step(item, only.getKey(),
        only.getValue().isScalar() && only.getValue().text().isEmpty() ? Map.of() : only.getValue().mapping());
  }

  private static Pipeline.Step step(Yaml at, String name, Map<String, Yaml> settings) {
    Pass pass = Passes.find(name)
        .orElseThrow(() -> at.error("found pass '" + name + "', expected one of " + Passes.names()));
    Map<String, Object> values = new LinkedHashMap<>();
    settings.forEach((key, value) -> {
      pass.settings().check(value.where() + ": " + name, Map.of(key, value.value()));
      values.put(key, value.value());
    });
    return new Pipeline.Step(pass, pass.settings().check(at.where() + ": " + name, values));
  }
}
