package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** A graph compiled in parts for two devices. */
public final class PartitionedExecutable implements Executable {
  /** One part, compiled: what it reads of the graph's inputs and earlier parts, and what it makes. */
  record Compiled(Executable executable, List<String> inputs, List<String> outputs) {}

  private final Partition partition;
  private final List<Compiled> parts = new ArrayList<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Map<String, TensorType> types = new HashMap<>();
  private final List<String> inputs;
  private final List<String> outputs;
  private boolean closed;

  PartitionedExecutable(Model model, Partition partition, Types known, CompileOptions options, Backend primary,
      Backend fallback) {
    this.partition = partition;
    Graph graph = model.graph();
    inputs = graph.requiredInputs().stream().map(Value::name).toList();
    outputs = graph.outputs().stream().map(Value::name).toList();
    graph.requiredInputs().forEach(v -> types.put(v.name(), v.tensorType()));
    graph.outputs().stream().filter(Value::isConstant).forEach(v -> constants.put(v.name(), v.tensor()));
    try {
      for (Partition.Part part : partition.parts()) {
        List<String> wanted = wanted(graph, part, known);
        if (!wanted.isEmpty()) {
          Backend backend = part.primary() ? primary : fallback;
          CompileOptions own = part.primary() ? options : options.withPrecision(CompileOptions.Precision.F32);
          parts.add(
              compiled(Extraction.of(model, part.nodes(), wanted, n -> known.tensor(graph.value(n))),
                  n -> known.shape(graph.value(n)), own, backend));
        }
      }
    } catch (RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  private static Compiled compiled(Graph own, Function<String, Shape> known, CompileOptions options,
      Backend backend) {
    Map<String, Shape> shapes = new HashMap<>();
    for (Value input : own.requiredInputs()) {
      Shape shape = known.apply(input.name());
      if (shape != null) {
        shapes.put(input.name(), shape);
      }
    }
    return new Compiled(backend.compile(own, options.withShapes(shapes)),
        own.requiredInputs().stream().map(Value::name).toList(), own.outputs().stream().map(Value::name).toList());
  }

  /** How the graph was cut, and why. */
  public Partition partition() {
    return partition;
  }

  List<Compiled> parts() {
    return parts;
  }

  List<String> inputs() {
    return inputs;
  }

  /** What an input may hold; null where nothing is known. */
  TensorType type(String input) {
    return types.get(input);
  }

  List<String> outputs() {
    return outputs;
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

  /** Outputs of the graph that are constants. */
  Map<String, Tensor> constants() {
    return constants;
  }

  @Override
  public synchronized Bound bind() {
    if (closed) {
      throw new IllegalStateException("executable: closed, expected an open one; compile the graph again");
    }
    return new PartitionedBound(this);
  }

  @Override
  public synchronized void close() {
    closed = true;
    parts.forEach(p -> p.executable().close());
  }
}
