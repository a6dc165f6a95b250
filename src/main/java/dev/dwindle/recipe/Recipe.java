package dev.dwindle.recipe;

import dev.dwindle.catalog.Passes;
import dev.dwindle.data.Yaml;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Ordered passes with their settings.
 *
 * @param text the YAML it was read from
 * @param seed of everything random
 */
public record Recipe(String text, List<Pipeline.Step> steps, long seed) {
  private static final String INT8 = "passes: [fold, quantize]\n";

  /** The recipe behind {@code --int8}. */
  public static Recipe int8() {
    return parse("--int8", INT8);
  }

  /** Reads a recipe file. */
  public static Recipe read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new InvalidInputException(
          file + ": cannot be read as a recipe (" + e.getMessage() + "), expected a YAML file", e);
    }
  }

  /**
   * Reads a recipe.
   *
   * @param source its name in errors
   * @throws InvalidInputException at the first flaw, pointing at its line
   */
  public static Recipe parse(String source, String text) {
    Yaml root = Yaml.parse(source, text);
    Map<String, Yaml> keys = root.mapping(Set.of("passes", "seed"));
    if (!keys.containsKey("passes")) {
      throw root.error("found no 'passes', expected a list of " + Passes.names());
    }
    List<Pipeline.Step> steps = new ArrayList<>();
    for (Yaml item : keys.get("passes").list()) {
      steps.add(step(item));
    }
    if (steps.isEmpty()) {
      throw keys.get("passes").error("the list of passes is empty, expected at least one of " + Passes.names());
    }
    return new Recipe(text, List.copyOf(steps), keys.containsKey("seed") ? keys.get("seed").whole() : 0);
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
