package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads the rules by which the inputs of a run are made from a row. */
final class InputRules {
  private static final Set<String> IMAGE_KEYS = union(ImageInput.OWN_KEYS,
      union(Scaling.KEYS, Set.of("from", "dtype")));
  private static final Set<String> NUMBER_KEYS = union(Scaling.KEYS, Set.of("from", "length", "pad", "dtype"));
  private static final Set<String> FILL_KEYS = Set.of("fill", "length", "pad", "dtype");
  private static final Set<String> CONSTANT_KEYS = Set.of("constant", "shape", "dtype");
  private static final Set<String> ALL = union(union(IMAGE_KEYS, NUMBER_KEYS), union(FILL_KEYS, CONSTANT_KEYS));

  private InputRules() {}

  private static Set<String> union(Set<String> a, Set<String> b) {
    Set<String> union = new TreeSet<>(a);
    union.addAll(b);
    return union;
  }

  /** A mapping of input names to rules, checked against the fields of every source. */
  static Map<String, InputRule> read(Yaml inputs, Iterable<Source> sources) {
    Map<String, InputRule> rules = new LinkedHashMap<>();
    inputs.mapping().forEach((name, yaml) -> {
      InputRule rule = rule(name, yaml, sources);
      for (Source source : sources) {
        for (String field : rule.fields()) {
          requireField(source, field, yaml);
        }
      }
      rules.put(name, rule);
    });
    if (rules.isEmpty()) {
      throw inputs.error("found no inputs, expected at least one");
    }
    return rules;
  }

  static void requireField(Source source, String field, Yaml at) {
    if (!source.fields().contains(field)) {
      throw at.error(
          "found field '" + field + "', expected one of " + new TreeSet<>(source.fields()) + " that the source has");
    }
  }

  private static InputRule rule(String name, Yaml yaml, Iterable<Source> sources) {
    Map<String, Yaml> keys = yaml.mapping(ALL);
    if (keys.containsKey("constant")) {
      yaml.mapping(CONSTANT_KEYS);
      return ConstantInput.read(keys);
    }
    if (keys.containsKey("fill")) {
      yaml.mapping(FILL_KEYS);
      NumbersInput.Length length = NumbersInput.Length.read(keys);
      if (length == null) {
        throw yaml.error("found 'fill' without 'length', expected the field that tells the length; or use 'constant'");
      }
      DType dtype = keys.containsKey("dtype") ? Cast.dtype(keys.get("dtype")) : DType.INT64;
      return new FillInput(keys.get("fill").ratio(), length, dtype);
    }
    boolean hasImage = true;
    for (Source source : sources) {
      hasImage &= source.fields().contains("image");
    }
    String from = keys.containsKey("from") ? keys.get("from").text() : hasImage ? "image" : name;
    boolean image = from.equals("image") || keys.keySet().stream().anyMatch(ImageInput.OWN_KEYS::contains);
    if (image) {
      yaml.mapping(IMAGE_KEYS);
      return ImageInput.read(from, keys);
    }
    yaml.mapping(NUMBER_KEYS);
    Scaling scaling = Scaling.read(keys);
    if (scaling.channels() > 1) {
      throw yaml
          .error("found " + scaling.channels() + " values of mean or std, expected one: '" + from + "' is no image");
    }
    DType dtype = keys.containsKey("dtype") ? Cast.dtype(keys.get("dtype")) : null;
    return new NumbersInput(from, NumbersInput.Length.read(keys), scaling, dtype);
  }
}
