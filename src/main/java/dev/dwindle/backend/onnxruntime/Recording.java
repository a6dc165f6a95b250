package dev.dwindle.backend.onnxruntime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What ONNX Runtime's own recording of a session says about its last run. */
final class Recording {
  /** The last of these runs counts: the first ones take memory for the first time. */
  private static final int RUNS = 4;

  private Recording() {}

  /**
   * The times of the nodes of one run.
   *
   * @param nodes of the graph as the user knows it
   * @param open makes a session that records to files whose names begin so
   */
  static List<NodeTime> of(List<Node> nodes, Function<Path, Session> open, Consumer<Session> run) {
    Map<String, String> names = names(nodes);
    return TemporaryFolder.with(folder -> {
      try (Session session = open.apply(folder.resolve("run"))) {
        for (int i = 0; i < RUNS; i++) {
          run.accept(session);
        }
        return times(session.endProfiling(), names);
      }
    });
  }

  /** The nodes by what ONNX Runtime may call them: their own names, and those of their outputs. */
  private static Map<String, String> names(List<Node> nodes) {
    Map<String, String> names = new HashMap<>();
    for (Node node : nodes) {
      List<String> outputs = node.outputs().stream().filter(v -> v != null).map(Value::name).toList();
      String name = node.name().isEmpty() && !outputs.isEmpty() ? outputs.getFirst() : node.name();
      outputs.forEach(output -> names.put(output, name));
    }
    nodes.stream().filter(n -> !n.name().isEmpty()).forEach(n -> names.put(n.name(), n.name()));
    return names;
  }

  private static List<NodeTime> times(Path file, Map<String, String> names) {
    JsonNode events;
    try {
      events = new JsonMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read, expected ONNX Runtime's recording", e);
    }
    long begin = 0;
    for (JsonNode event : events) {
      if (event.path("name").asText().equals("model_run")) {
        begin = Math.max(begin, event.path("ts").asLong());
      }
    }
    List<NodeTime> times = new ArrayList<>();
    for (JsonNode event : events) {
      if (event.path("cat").asText().equals("Node") && event.path("ts").asLong() >= begin
          && event.path("name").asText().endsWith("_kernel_time")) {
        String node = event.path("name").asText().replaceFirst("_kernel_time$", "");
        times.add(new NodeTime(List.of(known(node, names)), event.path("args").path("op_name").asText(),
            event.path("dur").asLong() * 1000));
      }
    }
    return times;
  }

  /** The node that ONNX Runtime's name holds, since it names what it fuses or lays out anew after one of them; else its own name. */
  private static String known(String node, Map<String, String> names) {
    String longest = "";
    for (String name : names.keySet()) {
      if (name.length() > longest.length() && isIn(name, node)) {
        longest = name;
      }
    }
    return names.getOrDefault(longest, node);
  }

  /** Not in the middle of a word or a number. */
  private static boolean isIn(String name, String node) {
    return Pattern.compile("(?<![A-Za-z0-9])" + Pattern.quote(name) + "(?![A-Za-z0-9])").matcher(node).find();
  }
}
