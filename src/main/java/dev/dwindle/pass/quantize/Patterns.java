package dev.dwindle.pass.quantize;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Patterns of node names, in which {@code *} stands for any text and {@code op:Conv} for every Conv. */
final class Patterns {
  private final List<String> words;

  Patterns(List<String> words) {
    this.words = words;
  }

  /** Whether the node's name, its first output's name or its operator matches. */
  boolean matches(Node node) {
    Value output = node.output(0);
    return words.stream()
        .anyMatch(
            word -> word.startsWith("op:")
                ? word.substring(3).equals(node.operator())
                : glob(word, node.name()) || (output != null && glob(word, output.name())));
  }

  /** Those patterns that match none of the nodes. */
  List<String> unmatched(List<Node> nodes) {
    return words.stream().filter(word -> nodes.stream().noneMatch(new Patterns(List.of(word))::matches)).toList();
  }

  private static boolean glob(String pattern, String text) {
    String regex = Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    return Pattern.matches(regex, text);
  }
}
