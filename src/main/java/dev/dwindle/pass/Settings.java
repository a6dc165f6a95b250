package dev.dwindle.pass;

import dev.dwindle.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The settings of one recipe step: values by name, checked against a {@link Schema}, defaults filled in. */
public final class Settings {
  /** A kind of value that a setting takes. */
  public sealed interface Kind {}

  /** A whole number between two ends, both allowed. */
  public record Whole(long min, long max) implements Kind {}

  /** A number between two ends, both allowed. */
  public record Real(double min, double max) implements Kind {}

  public record Flag() implements Kind {}

  /** One of these words. */
  public record Choice(List<String> words) implements Kind {}

  /** Any number of these words. */
  public record Subset(List<String> words) implements Kind {}

  /** Any text, such as the path of a file; empty for none. */
  public record Text() implements Kind {}

  /**
   * A text or number of a certain form.
   *
   * @param regex that all of it matches
   * @param words what is expected, for errors
   */
  public record Form(String regex, String words) implements Kind {}

  /** A text for any texts, such as values of one model by those of another. */
  public record Pairs() implements Kind {}

  /** Free words, such as patterns of node names. */
  public record Words() implements Kind {}

  /** For any patterns of node names one of these words each. */
  public record Assignment(List<String> words) implements Kind {}

  /**
   * One setting of a pass.
   *
   * @param otherwise the default
   * @param meaning one line for the help
   */
  public record Setting(String name, Kind kind, Object otherwise, String meaning) {}

  /** All settings of a pass. */
  public record Schema(List<Setting> settings) {
    /** A schema of these settings, whose defaults must be values of their own kind, and are kept as such. */
    public static Schema of(Setting... settings) {
      return new Schema(Arrays.stream(settings).map(setting -> new Setting(setting.name(), setting.kind(),
          checked("schema", setting, setting.otherwise()), setting.meaning())).toList());
    }

    /** Whether there is a setting of this name. */
    public boolean has(String name) {
      return settings.stream().anyMatch(setting -> setting.name().equals(name));
    }

    /**
     * Checks the values that a recipe gives and fills in the defaults.
     *
     * @param where begins the error message, such as {@code recipe.yaml:7: quantize}
     */
    public Settings check(String where, Map<String, Object> given) {
      Map<String, Object> values = new LinkedHashMap<>();
      for (Setting setting : settings) {
        values.put(setting.name(), checked(where, setting, setting.otherwise()));
      }
      given.forEach((name, value) -> values.put(name, checked(where, find(where, name), value)));
      return new Settings(values);
    }

    private Setting find(String where, String name) {
      for (Setting setting : settings) {
        if (setting.name().equals(name)) {
          return setting;
        }
      }
      throw new InvalidInputException(
          where + ": found setting '" + name + "', expected one of " + settings.stream().map(Setting::name).toList());
    }

    private static Object checked(String where, Setting setting, Object value) {
      Object result = switch (setting.kind()) {
        case Whole w when value instanceof Number n && n.longValue() == n.doubleValue() && n.longValue() >= w.min()
            && n.longValue() <= w.max() ->
          n.longValue();
        case Real r when value instanceof Number n && n.doubleValue() >= r.min() && n.doubleValue() <= r.max() ->
          n.doubleValue();
        case Flag f when value instanceof Boolean -> value;
        case Choice c when c.words().contains(String.valueOf(value)) -> String.valueOf(value);
        case Subset s when value instanceof String word && s.words().contains(word) -> List.of(word);
        case Subset s when value instanceof List<?> list && s.words().containsAll(list) ->
          list.stream().map(String::valueOf).toList();
        case Text t when value instanceof String -> value;
        case Form f when String.valueOf(value).matches(f.regex()) -> String.valueOf(value);
        case Pairs p when value instanceof Map<?, ?> map && map.values().stream().allMatch(String.class::isInstance) ->
          Collections.unmodifiableMap(new LinkedHashMap<>(map));
        case Words w when value instanceof String s -> List.of(s);
        case Words w when value instanceof List<?> list -> list.stream().map(String::valueOf).toList();
        case Assignment a when value instanceof Map<?, ?> map && a.words().containsAll(map.values()) ->
          Collections.unmodifiableMap(new LinkedHashMap<>(map));
        default -> null;
      };
      if (result == null) {
        throw new InvalidInputException(
            where + ": " + setting.name() + " is '" + value + "', expected " + describe(setting.kind(), value));
      }
      return result;
    }

    private static String describe(Kind kind, Object value) {
      return switch (kind) {
        case Whole w -> "a whole number from " + w.min() + " to " + w.max();
        case Real r -> "a number from " + r.min() + " to " + r.max();
        case Flag f -> "true or false";
        case Choice c -> "one of " + c.words();
        case Subset s when s.words().size() > MOST_WORDS_TOLD -> unknown(s, value);
        case Subset s -> "any of " + s.words();
        case Text t -> "a text";
        case Form f -> f.words();
        case Pairs p -> "a mapping of names to names";
        case Words w -> "a word or a list of words";
        case Assignment a -> "a mapping of patterns to any of " + a.words();
      };
    }
  }

  private static final int MOST_WORDS_TOLD = 20;

  /** Of many words, those that are wrong and those that begin alike. */
  private static String unknown(Subset subset, Object value) {
    List<String> wrong = (value instanceof List<?> list ? list : List.of(value)).stream().map(String::valueOf)
        .filter(w -> !subset.words().contains(w)).toList();
    List<String> alike = subset.words().stream()
        .filter(w -> wrong.stream().anyMatch(x -> x.length() > 2 && w.startsWith(x.substring(0, 3)))).toList();
    return "any of the " + subset.words().size() + " known, not " + wrong
        + (alike.isEmpty() ? "" : "; did you mean one of " + alike + "?");
  }

  private final Map<String, Object> values;

  private Settings(Map<String, Object> values) {
    this.values = values;
  }

  public long whole(String name) {
    return (Long) value(name);
  }

  public double real(String name) {
    return ((Number) value(name)).doubleValue();
  }

  public boolean flag(String name) {
    return (Boolean) value(name);
  }

  public String word(String name) {
    return (String) value(name);
  }

  @SuppressWarnings("unchecked")
  public List<String> words(String name) {
    return (List<String>) value(name);
  }

  /** Words by pattern, in the order of the recipe. */
  @SuppressWarnings("unchecked")
  public Map<String, String> assignment(String name) {
    return (Map<String, String>) value(name);
  }

  /** Texts by text, in the order of the recipe. */
  @SuppressWarnings("unchecked")
  public Map<String, String> pairs(String name) {
    return (Map<String, String>) value(name);
  }

  /** All values by name, defaults included, in the order of the schema. */
  public Map<String, Object> values() {
    return Collections.unmodifiableMap(values);
  }

  private Object value(String name) {
    if (!values.containsKey(name)) {
      throw new IllegalStateException("setting '" + name + "' is not in the pass's schema");
    }
    return values.get(name);
  }
}
