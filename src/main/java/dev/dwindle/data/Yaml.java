package dev.dwindle.data;

import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A piece of a YAML text that knows the line it stands on, so that errors can point there. */
public final class Yaml {
  private static final int MOST_VALUES = 100_000;

  private final String source;
  private final Node node;

  private Yaml(String source, Node node) {
    this.source = source;
    this.node = node;
  }

  /**
   * Parses a text.
   *
   * @param source its name in errors, such as the file
   */
  public static Yaml parse(String source, String text) {
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(source).setAllowDuplicateKeys(false).build();
      Node root = new Compose(settings)
          .composeString(text)
          .orElseThrow(() -> new InvalidInputException(source + ": the file is empty, expected YAML"));
      requireModest(source, root);
      return new Yaml(source, root);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(m -> m.getLine() + 1).orElse(1);
      throw new InvalidInputException(source + ":" + line + ": not YAML: " + oneLine(e.getProblem()), e);
    } catch (StackOverflowError e) {
      // The composer descends once for each bracket.
      throw new InvalidInputException(source + ": not YAML: nested too deeply", e);
    } catch (YamlEngineException e) {
      throw new InvalidInputException(source + ": not YAML: " + oneLine(e.getMessage()), e);
    }
  }

  /** An alias may stand inside what it stands for, or for many times what stands in the file. */
  private static void requireModest(String source, Node root) {
    Deque<Node> rest = new ArrayDeque<>(List.of(root));
    for (int seen = 0; !rest.isEmpty(); seen++) {
      if (seen > MOST_VALUES) {
        throw new InvalidInputException(
            source + ": found more than " + MOST_VALUES + " values, expected fewer; look at the aliases (*name)");
      }
      switch (rest.removeLast()) {
        case SequenceNode sequence -> rest.addAll(sequence.getValue());
        case MappingNode mapping -> mapping.getValue().forEach(t -> rest.addAll(List.of(t.getKeyNode(),
            t.getValueNode())));
        default -> {
        }
      }
    }
  }

  /**
   * The text of a file, to be parsed.
   *
   * @param expected what the file is to be, for the message where it is not there
   */
  public static String text(Path file, String expected) {
    return Places.text(Places.regular(file, expected));
  }

  private static String oneLine(String text) {
    return String.valueOf(text).lines().findFirst().orElse("");
  }

  /** The name of the text it comes from, such as the file. */
  public String source() {
    return source;
  }

  /** {@code file:line}. */
  public String where() {
    return source + ":" + node.getStartMark().map(Mark::getLine).map(l -> l + 1).orElse(1);
  }

  /** An error at this place. */
  public InvalidInputException error(String what) {
    return new InvalidInputException(where() + ": " + what);
  }

  public boolean isMapping() { return node instanceof MappingNode; }

  public boolean isList() { return node instanceof SequenceNode; }

  public boolean isScalar() { return node instanceof ScalarNode; }

  /** Whether nothing stands behind the key. */
  public boolean isEmpty() { return isScalar() && text().isEmpty(); }

  /** The entries of a mapping, in order. */
  public Map<String, Yaml> mapping() {
    if (!(node instanceof MappingNode mapping)) {
      throw error("found " + describe() + ", expected a mapping (key: value)");
    }
    Map<String, Yaml> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = new Yaml(source, tuple.getKeyNode()).text();
      if (entries.put(key, new Yaml(source, tuple.getValueNode())) != null) {
        throw new Yaml(source, tuple.getKeyNode()).error("key '" + key + "' stands here a second time");
      }
    }
    return entries;
  }

  /** The entries of a mapping that may only have these keys. */
  public Map<String, Yaml> mapping(Set<String> known) {
    Map<String, Yaml> entries = mapping();
    entries.forEach(
        (key, value) -> {
          if (!known.contains(key)) {
            throw value.error("found key '" + key + "', expected one of " + new TreeSet<>(known));
          }
        });
    return entries;
  }

  /** The items of a list; a single scalar is a list of one. */
  public List<Yaml> list() {
    if (node instanceof SequenceNode sequence) {
      List<Yaml> items = new ArrayList<>();
      sequence.getValue().forEach(item -> items.add(new Yaml(source, item)));
      return items;
    }
    if (node instanceof ScalarNode) {
      return List.of(this);
    }
    throw error("found " + describe() + ", expected a list");
  }

  /** The text of a scalar. */
  public String text() {
    if (!(node instanceof ScalarNode scalar)) {
      throw error("found " + describe() + ", expected a single word or number");
    }
    return scalar.getValue();
  }

  public double number() {
    try {
      return Double.parseDouble(text());
    } catch (NumberFormatException e) {
      throw error("found '" + text() + "', expected a number");
    }
  }

  /** A number, or two with a slash between: {@code 1/255}. */
  public double ratio() {
    int slash = text().indexOf('/');
    try {
      double value = slash < 0 ? Double.parseDouble(text())
          : Double.parseDouble(text().substring(0, slash)) / Double.parseDouble(text().substring(slash + 1));
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, as other texts are.
    }
    throw error("found '" + text() + "', expected a number or a ratio such as 1/255");
  }

  public long whole() {
    try {
      return Long.parseLong(text());
    } catch (NumberFormatException e) {
      throw error("found '" + text() + "', expected a whole number");
    }
  }

  /** One of these words. */
  public String word(List<String> words) {
    if (!words.contains(text())) {
      throw error("found '" + text() + "', expected one of " + words);
    }
    return text();
  }

  /** The value as plain Java: Boolean, Long, Double, String, List or Map. */
  public Object value() {
    if (node instanceof SequenceNode) {
      return list().stream().map(Yaml::value).toList();
    }
    if (node instanceof MappingNode) {
      Map<String, Object> values = new LinkedHashMap<>();
      mapping().forEach((key, value) -> values.put(key, value.value()));
      return values;
    }
    Tag tag = node.getTag();
    String text = text();
    if (tag.equals(Tag.BOOL)) {
      return Boolean.valueOf(text);
    }
    if (tag.equals(Tag.INT)) {
      return whole();
    }
    return tag.equals(Tag.FLOAT) ? (Object) number() : text;
  }

  private String describe() {
    return isMapping() ? "a mapping" : isList() ? "a list" : "'" + ((ScalarNode) node).getValue() + "'";
  }
}
