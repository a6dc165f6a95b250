package dev.dwindle.cli;

import dev.dwindle.check.Limit;
import dev.dwindle.data.Yaml;
import dev.dwindle.engine.Compression;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.report.JsonReport;
import dev.dwindle.result.JobResult;
import dev.dwindle.search.SizeBudget;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to do: a recipe file, or one of the built-in recipes by a flag of its name. */
final class RecipeOptions {
  private final Argument<Path> recipe;
  private final Argument<Path> replay;
  private final Argument<String> budget;
  private final Map<String, Argument<Boolean>> builtIn = new LinkedHashMap<>();

  RecipeOptions(Options one) {
    recipe = one.option("--recipe", "R.yaml", Path.class, "Ordered passes with settings (see docs/recipes.md).");
    replay = one.option("--replay", "R.json", Path.class,
        "The JSON report of an earlier job: its recipe, with what it chose by measuring.");
    budget = one.option("--budget", "size=2%", String.class,
        "Quantizes, and where that is not enough prunes and trains, so that the packed model, written beside OUT, takes no more of the original's bytes.");
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

  /** Checks what was given and tells the job. */
  void tell(Compression job) {
    if (replay.get() != null) job.replay(replay.get().toString(), earlier(replay.get()));
    else if (budget.get() != null) job.budget(size());
    else
      job.recipe(recipe.get() != null ? Recipe.read(recipe.get()) : Recipe.builtIn(name()));
  }

  private SizeBudget size() {
    Matcher form = Pattern.compile("size=(\\d{1,2}(\\.\\d+)?)%").matcher(budget.get());
    if (!form.matches()) {
      throw new InvalidInputException(
          "--budget: found '" + budget.get() + "', expected a share of the original's bytes such as size=2%");
    }
    return new SizeBudget(new Limit(Double.parseDouble(form.group(1)), "%"));
  }

  private static JobResult earlier(Path file) {
    JobResult earlier = JsonReport.read(file.toString(), Yaml.text(file, "a report in JSON"), JobResult.class);
    if (earlier == null || earlier.recipe() == null || earlier.recipe().isEmpty() || earlier.original() == null) {
      throw new InvalidInputException(file + ": holds no recipe, expected the JSON report of a compress");
    }
    return earlier;
  }

  private String name() {
    for (Map.Entry<String, Argument<Boolean>> each : builtIn.entrySet()) {
      if (each.getValue().get()) return each.getKey();
    }
    return "int8"; // only where a flag was given as false
  }
}
