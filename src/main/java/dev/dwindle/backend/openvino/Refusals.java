package dev.dwindle.backend.openvino;

import dev.dwindle.backend.UserCache;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.DwindleException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Nodes that a device has refused, by what they are (operator, version, attributes, types), with its words: kept in the
 * user's cache for one release, so that a graph is searched for its guilty node once. A file that is damaged is begun anew.
 */
final class Refusals {

  private final Path file;
  private Map<String, String> reasons;

  Refusals(String device) {
    file = UserCache.folder().resolve("openvino-" + Release.VERSION + "-refused-" + device + ".txt");
  }

  /** Why a node like this was refused, or null. */
  synchronized String reason(Node node) {
    if (reasons == null) reasons = read(file);
    return reasons.isEmpty() ? null : reasons.get(key(node));
  }

  /** Remembers a refusal, for this process also where the file cannot be written. */
  synchronized void add(Node node, String reason) {
    if (reasons == null) reasons = read(file);
    reasons.put(key(node), reason.replaceAll("\\s+", " "));
    try {
      Files.createDirectories(file.getParent());
      OutputFile.write(file, reasons.entrySet().stream().map(entry -> entry.getKey() + " " + entry.getValue() + "\n")
          .collect(Collectors.joining()));
    } catch (IOException | DwindleException e) {
      // the next process searches again
    }
  }

  private static Map<String, String> read(Path file) {
    Map<String, String> reasons = new LinkedHashMap<>();
    try {
      for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
        String[] parts = line.split(" ", 2);
        if (parts.length == 2 && parts[0].matches("[0-9a-f]{64}")) reasons.put(parts[0], parts[1]);
      }
    } catch (IOException e) {
      // what cannot be read is found out again
    }
    return reasons;
  }

  /** A checksum of all that decides whether a device takes a node. */
  private static String key(Node node) {
    try {
      byte[] text = signature(node).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String signature(Node node) {
    String attributes = node.attributes().stream().map(a -> a.name() + "=" + text(a.value())).sorted()
        .collect(Collectors.joining(", "));
    return node.domain() + "." + node.operator() + " " + node.version() + " <" + attributes + "> ("
        + types(node.inputs())
        + ") => (" + types(node.outputs()) + ")";
  }

  private static String types(List<Value> values) {
    return values.stream().map(v -> v == null ? "" : (v.isConstant() ? "constant " : "") + v.type())
        .collect(Collectors.joining(", "));
  }

  private static String text(Attribute.Content content) {
    return switch (content) {
      case Attribute.FloatValue v -> Float.toString(v.value());
      case Attribute.IntValue v -> Long.toString(v.value());
      case Attribute.StringValue v -> v.text();
      case Attribute.FloatValues v -> Arrays.toString(v.values());
      case Attribute.IntValues v -> Arrays.toString(v.values());
      case Attribute.StringValues v -> v.values().stream().map(String::new).toList().toString();
      case Attribute.TensorValue v -> v.constant().tensor().toString();
      case Attribute.GraphValue v -> GraphText.print(v.graph());
      case Attribute.GraphValues v -> v.graphs().stream().map(GraphText::print).toList().toString();
      case Attribute.Reference v -> "@" + v.attribute();
      case Attribute.Foreign v -> "";
    };
  }
}
