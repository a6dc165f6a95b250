package dev.dwindle.backend.openvino;

import dev.dwindle.backend.NodeRefusedException;
import dev.dwindle.backend.UserCache;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.result.OutputFile;
import dev.dwindle.result.Sha256;
import dev.dwindle.tensor.DwindleException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a device has refused, with its words, kept in the user's cache for one release, so that a graph is searched for its guilty node once: nodes by
 * what they are (operator, version, attributes, types) where they are refused alone, and where only what stands around them makes the device
 * refuse, the node of just that graph. A file that is damaged is begun anew.
 */
final class Refusals {
  /** Graphs that are remembered, the latest ones. */
  private static final int MOST_GRAPHS = 1000;

  /** A node of one graph, by its {@linkplain NodeRefusedException#name name}, and why it is refused there. */
  record InGraph(String value, String reason) {}

  private final Path file;
  private final Map<String, String> alone = new LinkedHashMap<>();
  private final LinkedHashMap<String, InGraph> inGraph = new LinkedHashMap<>();
  private boolean read;

  Refusals(Path file) {
    this.file = file;
  }

  /** Those of a device of the installed release. */
  static Refusals of(String device) {
    return new Refusals(
        UserCache.folder().resolve("openvino-" + OpenVinoRelease.WHEEL.version() + "-refusals-" + device + ".txt"));
  }

  /** Why a node like this is refused wherever it stands, or null. */
  synchronized String reason(Node node) {
    read();
    return alone.isEmpty() ? null : alone.get(key(node));
  }

  /** The node for which a graph is refused, or null. */
  synchronized InGraph of(Supplier<String> graph) {
    read();
    return inGraph.isEmpty() ? null : inGraph.get(graph.get());
  }

  /** Remembers a refusal, for this process also where the file cannot be written. */
  synchronized void add(Guilt guilt, String graph, String words) {
    read();
    String reason = words.replaceAll("\\s+", " ");
    if (guilt.alone()) {
      alone.put(key(guilt.node()), reason);
    } else {
      inGraph.put(graph, new InGraph(NodeRefusedException.name(guilt.node()), reason));
      if (inGraph.size() > MOST_GRAPHS) inGraph.pollFirstEntry();
    }
    write();
  }

  /** A line for each: {@code alone}, checksum, reason; or {@code graph}, checksum, name of the node, reason. */
  private void write() {
    StringBuilder lines = new StringBuilder();
    alone.forEach((key, reason) -> lines.append(String.join("\t", "alone", key, reason)).append('\n'));
    inGraph.forEach((key, in) -> lines.append(String.join("\t", "graph", key, in.value(), in.reason())).append('\n'));
    try {
      Files.createDirectories(file.getParent());
      OutputFile.write(file, lines.toString());
    } catch (IOException | DwindleException e) {
      // the next process searches again
    }
  }

  private void read() {
    if (read) return;
    read = true;
    try {
      for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) remember(line.split("\t"));
    } catch (IOException e) {
      // what cannot be read is found out again
    }
  }

  private void remember(String[] parts) {
    if (parts.length < 3 || !parts[1].matches("[0-9a-f]{64}")) return;
    if (parts[0].equals("alone") && parts.length == 3) alone.put(parts[1], parts[2]);
    if (parts[0].equals("graph") && parts.length == 4) inGraph.put(parts[1], new InGraph(parts[2], parts[3]));
  }

  private static String key(Node node) {
    return Sha256.of(ByteBuffer.wrap(signature(node).getBytes(StandardCharsets.UTF_8)));
  }

  /** All that decides whether a device takes a node by itself. */
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
