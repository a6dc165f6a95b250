package dev.dwindle.data;

import dev.dwindle.data.MetricSpec.Agreement;
import dev.dwindle.data.MetricSpec.Command;
import dev.dwindle.data.MetricSpec.ImageMap;
import dev.dwindle.data.MetricSpec.Perplexity;
import dev.dwindle.data.MetricSpec.RocAuc;
import dev.dwindle.data.MetricSpec.Spearman;
import dev.dwindle.data.MetricSpec.TopK;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Reads metrics: {@code NAME}, {@code {NAME: {SETTING: VALUE}}}, or a list of these. */
final class MetricReader {
  /** What a metric may be told, and how it is made of that. */
  private record Kind(Set<String> settings, Function<Map<String, Yaml>, MetricSpec> maker) {}

  private final Map<String, Kind> kinds = new LinkedHashMap<>();
  private final Path folder;

  /** @param folder where a user's own command runs */
  MetricReader(Path folder) {
    this.folder = folder;
    Set<String> output = Set.of("output");
    kinds.put("top-1", new Kind(output, keys -> new TopK(1, output(keys))));
    kinds.put("top-5", new Kind(output, keys -> new TopK(5, output(keys))));
    kinds.put("spearman", new Kind(Set.of("output", "mask"), keys -> new Spearman(output(keys), mask(keys))));
    kinds.put("perplexity", new Kind(output, keys -> new Perplexity(output(keys))));
    kinds.put("roc-auc", new Kind(output, keys -> new RocAuc(output(keys))));
    kinds.put("image-map", new Kind(Set.of("outputs"), keys -> new ImageMap(outputs(keys))));
    kinds.put("agreement", new Kind(Set.of(), keys -> new Agreement()));
  }

  /** At least one metric; the first decides gates. */
  List<MetricSpec> read(Yaml yaml) {
    List<MetricSpec> metrics = yaml.isMapping() ? List.of(one(yaml)) : yaml.list().stream().map(this::one).toList();
    if (metrics.isEmpty()) {
      throw yaml.error("found an empty list, expected at least one metric");
    }
    return metrics;
  }

  private MetricSpec one(Yaml yaml) {
    Map<String, Yaml> named = yaml.isMapping() ? yaml.mapping() : Map.of(yaml.text(), yaml);
    String name = named.keySet().stream().findFirst().orElse("");
    if (name.equals("command")) {
      return command(named.get(name));
    }
    if (named.size() != 1 || !kinds.containsKey(name)) {
      throw yaml.error("found metric " + named.keySet() + ", expected one of " + kinds.keySet() + " or command");
    }
    Kind kind = kinds.get(name);
    return kind.maker().apply(yaml.isMapping() ? named.get(name).mapping(kind.settings()) : Map.of());
  }

  /** {@code [PROGRAM, ARGUMENT, ...]}, or {@code {run: [...], better: higher or lower}}. */
  private Command command(Yaml yaml) {
    Map<String, Yaml> keys = yaml.isMapping() ? yaml.mapping(Set.of("run", "better")) : Map.of("run", yaml);
    List<String> words = keys.containsKey("run") && keys.get("run").isList()
        ? keys.get("run").list().stream().map(Yaml::text).toList() : List.of();
    if (words.isEmpty()) {
      throw yaml.error("found no program, expected [PROGRAM, ARGUMENT, ...] or {run: [...], better: higher or lower}");
    }
    boolean higher = !keys.containsKey("better")
        || keys.get("better").word(List.of("higher", "lower")).equals("higher");
    return new Command(words, folder, higher);
  }

  private static int output(Map<String, Yaml> keys) {
    return keys.containsKey("output") ? index(keys.get("output")) : 0;
  }

  private static List<Integer> outputs(Map<String, Yaml> keys) {
    return keys.containsKey("outputs") ? keys.get("outputs").list().stream().map(MetricReader::index).toList()
        : List.of(0);
  }

  private static String mask(Map<String, Yaml> keys) {
    return keys.containsKey("mask") ? keys.get("mask").text() : null;
  }

  private static int index(Yaml yaml) {
    long index = yaml.whole();
    if (index < 0 || index > 1 << 16) {
      throw yaml.error("found " + index + ", expected the place of an output, counted from 0");
    }
    return (int) index;
  }
}
