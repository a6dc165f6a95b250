package dev.dwindle.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** What a data set is scored by; {@code dev.dwindle.measure} computes it. Outputs count from 0 in the model's order. */
public sealed interface MetricSpec {
  /** The name in data descriptions and reports. */
  String name();

  /** Whether a larger value is better. */
  default boolean higherIsBetter() {
    return true;
  }

  /** Share of samples whose label (a class index, INT64) is among the k largest numbers of an output. */
  record TopK(int k, int output) implements MetricSpec {
    @Override
    public String name() {
      return "top-" + k;
    }
  }

  /**
   * Spearman's rank correlation between labels (FLOAT) and the cosine of two embeddings. Two samples that follow each
   * other are a pair and carry the same label; an embedding is the mean of the output [1, tokens, width] over the tokens
   * whose mask is 1.
   *
   * @param mask the input that tells real tokens, or null where all are
   */
  record Spearman(int output, String mask) implements MetricSpec {
    @Override
    public String name() {
      return "spearman";
    }
  }

  /** exp of the mean negative log likelihood of each next token; label = token ids [T], INT64; output = logits [1, T, V]. */
  record Perplexity(int output) implements MetricSpec {
    @Override
    public String name() {
      return "perplexity";
    }

    @Override
    public boolean higherIsBetter() {
      return false;
    }
  }

  /** Area under the ROC curve of an output's single number against labels 0 and 1 (INT64); ties count half. */
  record RocAuc(int output) implements MetricSpec {
    @Override
    public String name() {
      return "roc-auc";
    }
  }

  /**
   * Mean over the classes that occur of the average precision by which a class's score ranks the images. The score of a
   * class is its maximum over the cells of all these outputs [1, cells, classes]; the label is the image's class.
   */
  record ImageMap(List<Integer> outputs) implements MetricSpec {
    public ImageMap {
      outputs = List.copyOf(outputs);
    }

    @Override
    public String name() {
      return "image-map";
    }
  }

  /** Likeness to the original's outputs (SQNR, cosine, largest difference, arg-max agreement): needs no labels. */
  record Agreement() implements MetricSpec {
    @Override
    public String name() {
      return "agreement";
    }
  }

  /**
   * A program of the user's own that is given a model file and prints a number as its last word.
   *
   * @param words program and arguments; {@code {model}} stands for the model file, which else comes last
   * @param folder where it runs: the description's folder
   * @param higherIsBetter whether a larger number is better
   */
  record Command(List<String> words, Path folder, boolean higherIsBetter) implements MetricSpec {
    public Command {
      words = List.copyOf(words);
    }

    @Override
    public String name() {
      return "command";
    }

    /** Program and arguments for one model file. */
    public List<String> with(Path model) {
      String file = model.toAbsolutePath().toString();
      List<String> all = new ArrayList<>(words.stream().map(word -> word.replace("{model}", file)).toList());
      if (all.equals(words)) {
        all.add(file);
      }
      return all;
    }
  }

  /** One metric, or a list of them; the first decides gates. */
  static List<MetricSpec> read(Yaml yaml, Path folder) {
    if (yaml.isMapping()) {
      return List.of(one(yaml, folder));
    }
    List<MetricSpec> metrics = yaml.list().stream().map(item -> one(item, folder)).toList();
    if (metrics.isEmpty()) {
      throw yaml.error("found an empty list, expected at least one metric");
    }
    return metrics;
  }

  private static MetricSpec one(Yaml yaml, Path folder) {
    Map<String, BiFunction<Yaml, Map<String, Yaml>, MetricSpec>> known = new LinkedHashMap<>();
    known.put("top-1", (at, keys) -> new TopK(1, output(keys)));
    known.put("top-5", (at, keys) -> new TopK(5, output(keys)));
    known.put("spearman",
        (at, keys) -> new Spearman(output(keys), keys.containsKey("mask") ? keys.get("mask").text() : null));
    known.put("perplexity", (at, keys) -> new Perplexity(output(keys)));
    known.put("roc-auc", (at, keys) -> new RocAuc(output(keys)));
    known.put("image-map", (at, keys) -> new ImageMap(keys.containsKey("outputs")
        ? keys.get("outputs").list().stream().map(MetricSpec::index).toList() : List.of(output(keys))));
    known.put("agreement", (at, keys) -> new Agreement());
    known.put("command", (at, keys) -> command(at, keys, folder));
    String name;
    Map<String, Yaml> keys = Map.of();
    if (yaml.isMapping()) {
      Map<String, Yaml> only = yaml.mapping();
      if (only.size() != 1) {
        throw yaml.error("found keys " + only.keySet() + ", expected one metric, as {NAME: {SETTING: VALUE}}");
      }
      name = only.keySet().iterator().next();
      keys = only.get(name).mapping(Set.of("output", "outputs", "mask", "run", "better"));
    } else {
      name = yaml.text();
    }
    if (!known.containsKey(name)) {
      throw yaml.error("found metric '" + name + "', expected one of " + known.keySet());
    }
    return known.get(name).apply(yaml, keys);
  }

  private static int output(Map<String, Yaml> keys) {
    return keys.containsKey("output") ? index(keys.get("output")) : 0;
  }

  private static int index(Yaml yaml) {
    long index = yaml.whole();
    if (index < 0 || index > 1 << 16) {
      throw yaml.error("found " + index + ", expected the place of an output, counted from 0");
    }
    return (int) index;
  }

  private static Command command(Yaml at, Map<String, Yaml> keys, Path folder) {
    if (!keys.containsKey("run")) {
      throw at.error("found no 'run', expected {command: {run: [PROGRAM, ARGUMENT, ...], better: higher or lower}}");
    }
    List<String> words = keys.get("run").list().stream().map(Yaml::text).toList();
    if (words.isEmpty()) {
      throw keys.get("run").error("found an empty list, expected a program and its arguments");
    }
    boolean higher = !keys.containsKey("better")
        || keys.get("better").word(List.of("higher", "lower")).equals("higher");
    return new Command(words, folder, higher);
  }
}
