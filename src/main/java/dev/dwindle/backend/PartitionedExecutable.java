package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A graph compiled in parts for two devices; cut anew without a node that the first one refuses after all, be it in the first run. */
public final class PartitionedExecutable implements Executable {
  private final Model model;
  private final Types known;
  private final CompileOptions options;
  private final Backend primary;
  private final Backend fallback;
  private final Map<String, String> refused = new HashMap<>();
  /** The latest is in use for what is bound anew. */
  private final Deque<Parts> compiled = new ArrayDeque<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Map<String, TensorType> types = new HashMap<>();
  private final List<String> inputs;
  private final List<String> outputs;
  private boolean closed;

  PartitionedExecutable(Graph whole, CompileOptions options, Backend primary, Backend fallback) {
    this.options = options;
    this.primary = primary;
    this.fallback = fallback;
    model = whole.model().copy();
    Inlining.inline(model);
    Graph graph = model.graph();
    known = ShapeInference.of(graph, options.shapes());
    known.store();
    inputs = graph.requiredInputs().stream().map(Value::name).toList();
    outputs = graph.outputs().stream().map(Value::name).toList();
    graph.requiredInputs().forEach(v -> types.put(v.name(), v.tensorType()));
    graph.outputs().stream().filter(Value::isConstant).forEach(v -> constants.put(v.name(), v.tensor()));
    compile();
  }

  private void compile() {
    while (true) {
      Partition partition = Partition.of(model.graph(), this::support);
      try {
        compiled.addLast(new Parts(model, partition, known, this::compile));
        return;
      } catch (NodeRefusedException refusal) {
        refuse(refusal);
      }
    }
  }

  private Executable compile(Graph part, boolean first, Map<String, Shape> shapes) {
    CompileOptions own = first ? options : options.withPrecision(CompileOptions.Precision.F32);
    return (first ? primary : fallback).compile(part, own.withShapes(shapes));
  }

  /** What the first device says of a node, unless it has refused just this one in this graph. */
  private Support support(Node node) {
    String reason = refused.get(NodeRefusedException.name(node));
    return reason == null ? primary.supports(node) : Support.no(reason);
  }

  /** A refusal that changes nothing is told. */
  private void refuse(NodeRefusedException refusal) {
    String name = refusal.value();
    boolean isHere = model.graph().nodes().stream().anyMatch(n -> NodeRefusedException.name(n).equals(name));
    if (!isHere || refused.put(name, refusal.reason()) != null) throw refusal;
  }

  /** How the graph is cut, and why. */
  public synchronized Partition partition() {
    return compiled.getLast().partition();
  }

  synchronized Parts parts() {
    return compiled.getLast();
  }

  /** What to use instead of parts of which one was refused in a run. */
  synchronized Parts without(NodeRefusedException refusal, Parts parts) {
    requireOpen();
    if (parts == compiled.getLast()) {
      refuse(refusal);
      compile();
    }
    return compiled.getLast();
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

  /** Outputs of the graph that are constants. */
  Map<String, Tensor> constants() {
    return constants;
  }

  @Override
  public synchronized Bound bind() {
    requireOpen();
    return new PartitionedBound(this);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("executable: closed, expected an open one; compile the graph again");
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    compiled.forEach(Parts::close);
  }
}
