package dev.dwindle.search;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.check.Limit;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.pack.Packing;
import dev.dwindle.pack.Preset;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.pass.Progress;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A recipe for a budget of bytes: how coarse the levels of weights are, and beyond that how many weights become zero as in Deep Compression (Han et al., 2016), is found by packing
 * what would come of it, before any training. Training changes what the values are, not how many there are.
 *
 * @param limit percent of the original's bytes that the packed file may take
 */
public record SizeBudget(Limit limit) {
  /** What samples move the bytes by, and what training does. */
  private static final double CAUTION = 0.97;
  private static final double CAUTION_TRAINED = 0.92;

  /** Steps of levels, as multiples of the root mean square of a tensor: coarser ones than the coarsest lose more than zeros do. */
  private static final double FINEST = 0.05;
  private static final double COARSEST = 1.2;
  private static final double GROWTH = 1.1;

  private static final int SPARSITIES = 100;

  /** How much goes: the share of zeros, and the step of levels. */
  private record Setting(double sparsity, double step) {
    String passes() {
      String prune = sparsity == 0 ? "" : "{prune: {sparsity: " + number(sparsity) + "}}, ";
      return "fold, " + prune + levels();
    }

    String levels() {
      return "{rdoq: {step: " + number(step) + "}}";
    }
  }

  public SizeBudget {
    if (!limit.unit().equals("%") || !(limit.number() > 0 && limit.number() < 100)) {
      throw new InvalidInputException(
          "budget: found a size of " + limit + " of the model, expected more than 0 and less than 100 %");
    }
  }

  private double share() {
    return limit.number() / 100;
  }

  /**
   * The mildest recipe that is within the budget.
   *
   * @param bytes of the original's file
   * @param trains whether there is something to train with; without, what is taken is not won back
   * @throws InvalidInputException where nothing is
   */
  public Recipe recipe(Model original, long bytes, boolean trains, int threads, Progress progress) {
    int workers = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    List<Setting> settings = settings();
    progress.begin("budget: what packs to " + percent(share()), 0);
    int fits = settings.size();
    int beyond = -1;
    double found = 0;
    while (fits - beyond > 1) {
      int middle = fits == settings.size() ? fits - 1 : (fits + beyond) / 2;
      double packed = (double) packed(original, settings.get(middle), workers) / bytes;
      double caution = trains && settings.get(middle).sparsity > 0 ? CAUTION_TRAINED : CAUTION;
      progress.advance(1);
      if (packed <= caution * share()) {
        fits = middle;
        found = packed;
      } else if (fits == settings.size()) {
        throw new InvalidInputException("budget: with nearly all weights zero the packed model takes " + percent(packed)
            + " of the original, expected at most " + percent(share())
            + "; allow more, or make the model smaller first (distil, narrow)");
      } else {
        beyond = middle;
      }
    }
    progress.end();
    Setting chosen = settings.get(fits);
    String head = "# " + percent(share()) + " of " + String.format(Locale.ROOT, "%,d", bytes)
        + " bytes: without training it packs to " + percent(found) + "\n";
    return Recipe.parse("--budget", head + "passes: [" + (trains ? trained(chosen) : chosen.passes()) + ", pack]\n");
  }

  /** From mild to severe: coarser levels first, then zeros, beside which the mean square is less and steps may be larger. */
  private static List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    for (double step = FINEST; step < COARSEST; step *= GROWTH) settings.add(new Setting(0, step));
    for (int percent = 0; percent < SPARSITIES; percent++) {
      double sparsity = (double) percent / SPARSITIES;
      settings.add(new Setting(sparsity, COARSEST * Math.pow(1 - sparsity, -0.125)));
    }
    return settings;
  }

  /** Zeros come in up to three rounds, each of which leaves the same share of what the one before left. Levels alone need no training. */
  private static String trained(Setting setting) {
    List<String> passes = new ArrayList<>(List.of("fold"));
    int rounds = setting.sparsity == 0 ? 0 : setting.sparsity < 0.5 ? 1 : 3;
    for (int round = 1; round <= rounds; round++) {
      double sparsity = round == rounds ? setting.sparsity
          : 1 - Math.pow(1 - setting.sparsity, (double) round / rounds);
      passes.add("{prune: {sparsity: " + number(sparsity) + "}}");
      passes.add("{finetune: {epochs: " + (round == rounds ? 10 : 1 + round) + ", rate: 0.001}}");
    }
    passes.add(setting.levels());
    return String.join(", ", passes);
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%.3f", number);
  }

  private static String percent(double share) {
    return new BigDecimal(100 * share).round(new MathContext(3)).stripTrailingZeros().toPlainString() + " %";
  }

  private static long packed(Model original, Setting setting, int threads) {
    Recipe recipe = Recipe.parse("--budget", "passes: [" + setting.passes() + "]\n");
    PassContext context = new PassContext(null, TargetProfile.of("cpu"), null, Samples.none(), threads, 0,
        Progress.SILENT);
    Model model = new Pipeline(recipe.steps()).run(original, context).model();
    try {
      Path folder = Files.createTempDirectory("dwindle-");
      try {
        OnnxWriter.write(model, folder.resolve("model.onnx"));
        return Packing.pack(folder.resolve("model.onnx"), folder.resolve("model.dwz"), Preset.SMALL, threads).packed();
      } finally {
        Files.deleteIfExists(folder.resolve("model.onnx"));
        Files.deleteIfExists(folder.resolve("model.dwz"));
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
