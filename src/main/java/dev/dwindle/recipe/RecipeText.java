package dev.dwindle.recipe;

import dev.dwindle.pass.Pipeline;
import dev.dwindle.pass.Settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Steps as the YAML that reads back as them: settings that have their defaults are not said. */
final class RecipeText {
  private RecipeText() {}

  static String of(List<Pipeline.Step> steps, long seed) {
    StringBuilder text = new StringBuilder(seed == 0 ? "" : "seed: " + seed + "\n");
    text.append("passes:\n");
    for (Pipeline.Step step : steps) {
      List<String> settings = new ArrayList<>();
      for (Setting setting : step.pass().settings().settings()) {
        Object value = step.settings().values().get(setting.name());
        if (!value.equals(setting.otherwise())) settings.add("      " + setting.name() + ": " + text(value) + "\n");
      }
      text.append("  - ").append(step.pass().name()).append(settings.isEmpty() ? "\n" : ":\n");
      settings.forEach(text::append);
    }
    return text.toString();
  }

  private static String text(Object value) {
    return switch (value) {
      case List<?> list -> list.stream().map(RecipeText::text).collect(Collectors.joining(", ", "[", "]"));
      case Map<?, ?> map -> map.entrySet().stream().map(e -> text(e.getKey()) + ": " + text(e.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
      case String word -> quoted(word);
      default -> value.toString();
    };
  }

  /** In double quotes, which stand for any text in YAML. */
  private static String quoted(String word) {
    StringBuilder text = new StringBuilder("\"");
    word.codePoints().forEach(c -> {
      switch (c) {
        case '"', '\\' -> text.append('\\').appendCodePoint(c);
        default -> {
          if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0)) text.append(String.format("\\u%04x", c));
          else
            text.appendCodePoint(c);
        }
      }
    });
    return text.append('"').toString();
  }
}
