package dev.dwindle.search;

import dev.dwindle.backend.TargetProfile;
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
 * Deep Compression (Han et al., 2016) within a budget of bytes: how many weights become zero, and how many values the others share, is found by packing what would come of it, before
 * any training. Training changes what the values are, not how many there are.
 *
 * @param share of the original file's bytes that the packed one may take
 */
public record SizeBudget(double share) {
  /** Training moves a few percent of the bytes either way. */
  private static final double CAUTION = 0.97;
  private static final double STEP = 0.01;

  /** How much goes: the share of zeros, and how many values there are. */
  private record Setting(double sparsity, int entries) {
    String passes() {
      String prune = sparsity == 0 ? "" : String.format(Locale.ROOT, "{prune: {sparsity: %s}}, ", number(sparsity));
      return "[fold, " + prune + "{share: {entries: " + entries + "}}]";
    }
  }

  public SizeBudget {
    if (!(share > 0 && share < 1)) {
      throw new InvalidInputException(
          "budget: found a size of " + percent(share) + " of the model, expected more than 0 and less than 100 %");
    }
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
    progress.begin("budget: what packs to " + percent(share), 0);
    int fits = settings.size();
    int beyond = -1;
    double found = 0;
    while (fits - beyond > 1) {
      int middle = fits == settings.size() ? fits - 1 : (fits + beyond) / 2;
      double packed = (double) packed(original, settings.get(middle), workers) / bytes;
      progress.advance(1);
      if (packed <= CAUTION * share) {
        fits = middle;
        found = packed;
      } else if (fits == settings.size()) {
        throw new InvalidInputException("budget: with nearly all weights zero the packed model takes " + percent(packed)
            + " of the original, expected at most " + percent(share)
            + "; allow more, or make the model smaller first (distil, narrow)");
      } else {
        beyond = middle;
      }
    }
    progress.end();
    Setting chosen = settings.get(fits);
    String head = "# " + percent(share) + " of " + String.format(Locale.ROOT, "%,d", bytes)
        + " bytes: without training it packs to " + percent(found) + "\n";
    return Recipe.parse("--budget", head + "passes: " + (trains ? trained(chosen) : chosen.passes()) + "\n");
  }

  /** From mild to severe: fewer values first, then zeros, then both, for the few weights that are left need few values. */
  private static List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    for (int entries : new int[] {256, 128, 64, 32}) settings.add(new Setting(0, entries));
    for (int step = 0; step < 1 / STEP; step++) {
      double sparsity = step * STEP;
      settings.add(new Setting(sparsity, (int) Math.round(Math.min(16, 16 - (sparsity - 0.88) * 100))));
    }
    return settings;
  }

  /** Zeros come in up to three rounds, each of which leaves the same share of what the one before left. */
  private static String trained(Setting setting) {
    List<String> passes = new ArrayList<>(List.of("fold"));
    int rounds = setting.sparsity == 0 ? 0 : setting.sparsity < 0.5 ? 1 : 3;
    for (int round = 1; round <= rounds; round++) {
      double sparsity = round == rounds ? setting.sparsity
          : 1 - Math.pow(1 - setting.sparsity, (double) round / rounds);
      passes.add("{prune: {sparsity: " + number(sparsity) + "}}");
      passes.add("{finetune: {epochs: " + (round == rounds ? 10 : 1 + round) + ", rate: 0.001}}");
    }
    passes.add("{share: {entries: " + setting.entries + "}}");
    passes.add("{finetune: {epochs: 4, rate: 0.0003}}");
    return "[" + String.join(", ", passes) + "]";
  }

  private static String number(double sparsity) {
    return String.format(Locale.ROOT, "%.3f", sparsity);
  }

  private static String percent(double share) {
    return new BigDecimal(100 * share).round(new MathContext(3)).stripTrailingZeros().toPlainString() + " %";
  }

  private static long packed(Model original, Setting setting, int threads) {
    Recipe recipe = Recipe.parse("--budget", "passes: " + setting.passes() + "\n");
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
