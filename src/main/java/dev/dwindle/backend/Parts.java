package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The parts of a partition, compiled each for its device. */
final class Parts implements AutoCloseable {
  /** One part, compiled: what it reads of the graph's inputs and earlier parts, and what it makes. */
  record Compiled(Executable executable, List<String> inputs, List<String> outputs) {}

  private final Partition partition;
  private final List<Compiled> parts = new ArrayList<>();

  /** @param compiler of a part, on the first device or not, where these shapes of its inputs are known */
  Parts(Model model, Partition partition, Types known, Compiler compiler) {
    this.partition = partition;
    try {
      for (Partition.Part part : partition.parts()) {
        List<String> wanted = wanted(model.graph(), part, known);
        if (wanted.isEmpty()) continue;
        Graph own = Extraction.of(model, part.nodes(), wanted, n -> known.tensor(model.graph().value(n)));
        Map<String, Shape> shapes = shapes(own, n -> known.shape(model.graph().value(n)));
        parts.add(new Compiled(compiler.compile(own, part.primary(), shapes),
            own.requiredInputs().stream().map(Value::name).toList(), own.outputs().stream().map(Value::name).toList()));
      }
    } catch (RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  /** Compiles a part. */
  interface Compiler {
    Executable compile(Graph part, boolean primary, Map<String, Shape> shapes);
  }

  Partition partition() {
    return partition;
  }

  /** In the order in which they run. */
  List<Compiled> list() {
    return parts;
  }

  private static Map<String, Shape> shapes(Graph own, Function<String, Shape> known) {
    Map<String, Shape> shapes = new HashMap<>();
    for (Value input : own.requiredInputs()) {
      Shape shape = known.apply(input.name());
      if (shape != null) {
        shapes.put(input.name(), shape);
      }
    }
    return shapes;
  }

  /** Values of a part that are outputs of the graph, or are read outside the part and not known there. */
  private static List<String> wanted(Graph graph, Partition.Part part, Types known) {
    Set<Node> inside = new HashSet<>(part.nodes());
    List<String> wanted = new ArrayList<>();
    for (Node node : part.nodes()) {
      for (Value output : node.outputs()) {
        boolean read = output != null && known.tensor(output) == null
            && output.uses().stream().anyMatch(u -> !inside.contains(outermost(u.node(), graph)));
        if (output != null && (read || output.isGraphOutput())) {
          wanted.add(output.name());
        }
      }
    }
    return wanted;
  }

  private static Node outermost(Node node, Graph graph) {
    Node outer = node;
    while (outer.graph() != graph) {
      outer = outer.graph().owner();
    }
    return outer;
  }

  @Override
  public void close() {
    parts.forEach(p -> p.executable().close());
  }
}
