package dev.dwindle.cli;

import dev.dwindle.recipe.Recipe;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What to do: a recipe file, or one of the built-in recipes by a flag of its name. */
final class RecipeOptions {
  private final Argument<Path> recipe;
  private final Map<String, Argument<Boolean>> builtIn = new LinkedHashMap<>();

  RecipeOptions(Options one) {
    recipe = one.option("--recipe", "R.yaml", Path.class, "Ordered passes with settings (see docs/recipes.md).");
    builtIn(one, "int8", "Folds, then quantizes to INT8 with the target's defaults.");
    builtIn(one, "int8-weights", "Folds, then stores weights as INT8; needs no data, as those below.");
    builtIn(one, "int4", "Folds, then stores weights as INT4 in blocks of 64.");
    builtIn(one, "fp8", "Folds, then stores weights as FP8 (E4M3FN).");
    builtIn(one, "fp8-e5m2", "Folds, then stores weights as FP8 (E5M2).");
    builtIn(one, "fp16", "Folds, then stores constants as FP16 where they allow it.");
    builtIn(one, "bf16", "Folds, then stores constants as BF16 where they allow it.");
  }

  private void builtIn(Options one, String name, String description) {
    builtIn.put(name, one.flag("--" + name, description));
  }

  Recipe read() {
    return recipe.get() != null ? Recipe.read(recipe.get()) : Recipe.builtIn(name());
  }

  private String name() {
    for (Map.Entry<String, Argument<Boolean>> each : builtIn.entrySet()) {
      if (each.getValue().get()) return each.getKey();
    }
    return "int8"; // only where a flag was given as false
  }
}
