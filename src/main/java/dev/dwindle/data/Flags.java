package dev.dwindle.data;

import dev.dwindle.tensor.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A data description given as {@code key=value} settings, dots between nested keys, as the YAML text it stands for. */
final class Flags {
  private Flags() {}

  static Yaml yaml(Map<String, String> settings) {
    Map<String, Object> root = new LinkedHashMap<>();
    settings.forEach((key, value) -> put(root, key, value));
    StringBuilder text = new StringBuilder();
    write(text, root, "");
    return Yaml.parse("data settings", text.toString());
  }

  private static void put(Map<String, Object> root, String key, String value) {
    String[] parts = key.split("\\.", -1);
    Map<String, Object> level = root;
    for (int i = 0; i < parts.length - 1; i++) {
      Object next = level.computeIfAbsent(parts[i], k -> new LinkedHashMap<String, Object>());
      if (!(next instanceof Map)) {
        throw new InvalidInputException(
            "data setting '" + key + "': found a value for '" + parts[i] + "' too, expected one of both");
      }
      @SuppressWarnings("unchecked")
      Map<String, Object> inner = (Map<String, Object>) next;
      level = inner;
    }
    if (level.put(parts[parts.length - 1], value) != null) {
      throw new InvalidInputException("data setting '" + key + "': found it twice, expected it once");
    }
  }

  private static void write(StringBuilder text, Map<?, ?> level, String indent) {
    level.forEach((key, value) -> {
      text.append(indent).append('"').append(key).append("\":");
      if (value instanceof Map<?, ?> inner) {
        write(text.append('\n'), inner, indent + "  ");
      } else {
        text.append(' ').append(value).append('\n');
      }
    });
  }
}
