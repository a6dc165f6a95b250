package dev.dwindle.pass;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Patterns of node names, in which {@code *} stands for any text and {@code op:Conv} for every Conv. */
public final class Patterns {
  private final List<String> words;

  public Patterns(List<String> words) {
    this.words = words;
  }

  /** Whether the node's name, its first output's name or its operator matches. */
  public boolean matches(Node node) {
    Value output = node.output(0);
    return words.stream()
        .anyMatch(
            word -> word.startsWith("op:")
                ? word.substring(3).equals(node.operator())
                : glob(word, node.name()) || (output != null && glob(word, output.name())));
  }

  /** Those patterns that match none of the nodes. */
  public List<String> unmatched(List<Node> nodes) {
    return words.stream().filter(word -> nodes.stream().noneMatch(new Patterns(List.of(word))::matches)).toList();
  }

  /** Those that match none of the nodes, as a warning among a pass's figures. */
  public void warn(String setting, List<Node> nodes, Map<String, String> figures) {
    if (!unmatched(nodes).isEmpty()) {
      figures.put("warning", setting + ": " + unmatched(nodes) + " match no node");
    }
  }

  private static boolean glob(String pattern, String text) {
    String regex = Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    return Pattern.matches(regex, text);
  }
}
