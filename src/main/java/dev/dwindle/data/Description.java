package dev.dwindle.data;

import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Reads the YAML that describes a data set. */
final class Description {
  private static final Set<String> KEYS = Set.of(
      "classes", "metric", "label", "inputs", "runs", "carry", "calibration", "evaluation", "training", "augment");
  private static final List<String> PARTS = List.of("calibration", "evaluation", "training");
  private static final Set<String> PART_KEYS = Set.of("from", "to", "take", "limit");

  private final Places places;
  private final Map<String, Function<Yaml, Source>> kinds;
  private List<String> classes = List.of();

  /** @param tensors reads raw {@code .pb} tensors; null refuses them */
  Description(Path folder, ProtoTensors tensors) {
    this.places = new Places(folder);
    this.kinds = new LinkedHashMap<>();
    kinds.put("cifar10", at -> Cifar10.source(at, places));
    kinds.put("idx", at -> Idx.source(at, places));
    kinds.put("images", at -> ImageList.images(at, places));
    kinds.put("folders", at -> ImageList.folders(at, places, classes));
    kinds.put("csv", at -> Csv.source(at, places, classes));
    kinds.put("npz", at -> Npz.source(at, places));
    kinds.put("npy", at -> Npz.npySource(at, places));
    kinds.put("wav", at -> WavWindows.source(at, places));
    kinds.put("pb", at -> ProtoFolders.source(at, places, tensors));
  }

  DataSet dataSet(String name, Yaml yaml) {
    Map<String, Yaml> keys = yaml.mapping(KEYS);
    if (PARTS.stream().noneMatch(keys::containsKey)) {
      throw yaml.error("found keys " + keys.keySet() + ", expected 'calibration' or 'evaluation' or both");
    }
    if (keys.containsKey("classes")) {
      classes = classes(keys.get("classes"));
    }
    Map<String, Source> sources = new LinkedHashMap<>();
    for (String part : PARTS) {
      if (keys.containsKey(part)) {
        sources.put(part, source(keys.get(part)));
      }
    }
    List<Map<String, InputRule>> runs = runs(yaml, keys, sources.values());
    Map<String, String> carried = carried(keys.get("carry"), runs);
    Map<String, Samples> parts = new LinkedHashMap<>();
    sources.forEach((part, source) -> {
      String label = label(source, keys.get("label"), part.equals("evaluation"));
      parts.put(part, part(source, keys.get(part), runs, label, carried));
    });
    List<MetricSpec> metrics = metrics(keys.get("metric"), (Part) parts.get("evaluation"));
    return new DataSet(
        name, metrics, classes, parts.getOrDefault("calibration", Samples.none()),
        parts.getOrDefault("evaluation", Samples.none()), parts.getOrDefault("training", Samples.none()),
        keys.containsKey("augment") ? Augmentation.read(keys.get("augment")) : Augmentation.NONE);
  }

  private List<MetricSpec> metrics(Yaml yaml, Part evaluation) {
    if (yaml == null) {
      return List.of(new MetricSpec.Agreement());
    }
    List<MetricSpec> metrics = new MetricReader(places.folder()).read(yaml);
    for (MetricSpec metric : evaluation == null ? List.<MetricSpec>of() : metrics) {
      if (metric.needsLabels() && evaluation.label() == null) {
        throw yaml.error(
            "found metric '" + metric.name() + "', which needs labels, expected the evaluation part to have some");
      }
      if (metric instanceof MetricSpec.Spearman && evaluation.runs().size() != 2) {
        throw yaml.error("found " + evaluation.runs().size() + " runs a row, expected 2: 'spearman' compares pairs");
      }
    }
    return metrics;
  }

  private List<String> classes(Yaml yaml) {
    if (!yaml.isScalar()) {
      return yaml.list().stream().map(Yaml::text).toList();
    }
    return Places.lines(places.file(yaml)).stream().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  private Source source(Yaml part) {
    Set<String> known = new TreeSet<>(kinds.keySet());
    known.addAll(PART_KEYS);
    Map<String, Yaml> keys = part.mapping(known);
    List<String> named = keys.keySet().stream().filter(kinds::containsKey).toList();
    if (named.size() != 1) {
      throw part.error("found sources " + named + ", expected one of " + kinds.keySet());
    }
    Yaml settings = keys.get(named.getFirst());
    try {
      return kinds.get(named.getFirst()).apply(settings);
    } catch (InvalidInputException e) {
      // A flaw in a data file: say also which line names it.
      throw e.getMessage().startsWith(settings.source() + ":") ? e
          : new InvalidInputException(settings.where() + ": " + e.getMessage(), e);
    }
  }

  private List<Map<String, InputRule>> runs(Yaml yaml, Map<String, Yaml> keys, Iterable<Source> sources) {
    if (keys.containsKey("inputs") && keys.containsKey("runs")) {
      throw keys.get("runs").error("found 'inputs' too, expected one of both");
    }
    if (keys.containsKey("inputs")) {
      return List.of(InputRules.read(keys.get("inputs"), sources));
    }
    if (keys.containsKey("runs")) {
      List<Map<String, InputRule>> runs = keys.get("runs").list().stream().map(run -> InputRules.read(run, sources))
          .toList();
      if (runs.isEmpty()) {
        throw keys.get("runs").error("found an empty list, expected the inputs of at least one run");
      }
      return runs;
    }
    Map<String, InputRule> every = new LinkedHashMap<>();
    Scaling none = Scaling.read(Map.of());
    String label = keys.containsKey("label") ? keys.get("label").text() : "label";
    for (Source source : sources) {
      if (source.fields().contains("image") || source.fields().contains("audio")) {
        throw yaml.error("found no 'inputs', expected the name of the model's input and its preprocessing");
      }
      source.fields().stream().filter(f -> !f.equals(label))
          .forEach(f -> every.put(f, new NumbersInput(f, null, none, null)));
    }
    for (Source source : sources) {
      every.keySet().forEach(field -> InputRules.requireField(source, field, yaml));
    }
    return List.of(every);
  }

  private static Map<String, String> carried(Yaml yaml, List<Map<String, InputRule>> runs) {
    if (yaml == null) {
      return Map.of();
    }
    Map<String, String> carried = new LinkedHashMap<>();
    yaml.mapping().forEach((output, input) -> {
      if (runs.stream().anyMatch(run -> !run.containsKey(input.text()))) {
        throw input.error(
            "found input '" + input.text() + "', expected one of " + runs.getFirst().keySet()
                + ", where its first value stands");
      }
      carried.put(output, input.text());
    });
    return Map.copyOf(carried);
  }

  private static String label(Source source, Yaml named, boolean required) {
    if (named == null) {
      return source.fields().contains("label") ? "label" : null;
    }
    if (required) {
      InputRules.requireField(source, named.text(), named);
    }
    return source.fields().contains(named.text()) ? named.text() : null;
  }

  private Part part(
      Source source, Yaml yaml, List<Map<String, InputRule>> runs, String label, Map<String, String> carried) {
    Map<String, Yaml> keys = yaml.mapping();
    long from = bound(keys.get("from"), 0, source.count());
    long to = bound(keys.get("to"), source.count(), source.count());
    long step = 1;
    if (keys.containsKey("take")) {
      String take = keys.get("take").word(List.of("all", "even", "odd"));
      if (!take.equals("all")) {
        if (source.isSequence()) {
          throw keys.get("take")
              .error("found '" + take + "', expected 'all': the windows are a sequence; use from and to");
        }
        step = 2;
        from += (from + (take.equals("odd") ? 1 : 0)) % 2;
      }
    }
    long rows = Math.max(0, Math.ceilDiv(to - from, step));
    if (keys.containsKey("limit")) {
      rows = Math.min(rows, bound(keys.get("limit"), 0, Long.MAX_VALUE));
    }
    if (rows == 0) {
      throw yaml.error("found no rows chosen of " + source.count() + ", expected at least one");
    }
    return new Part(source, from, step, rows, runs, label, classes.size(), carried);
  }

  private static long bound(Yaml yaml, long standard, long most) {
    if (yaml == null) {
      return standard;
    }
    long value = yaml.whole();
    if (value < 0 || value > most) {
      throw yaml.error(
          "found " + value + ", expected 0 to " + most + (most < Long.MAX_VALUE ? ", the rows of the source" : ""));
    }
    return value;
  }
}
