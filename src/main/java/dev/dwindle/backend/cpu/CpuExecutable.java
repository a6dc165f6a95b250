package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.rewrite.Specialization;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A graph compiled for the CPU: one plan for each combination of input shapes, made when it is first met. */
final class CpuExecutable implements Executable {
  /** Plans kept for when their shapes come again, as many as sentences have lengths; what a request is bound to lives on without them. */
  static final int MOST_PLANS = 64;

  private final Graph graph;
  private final CompileOptions options;
  private final Constants constants = new Constants();
  private final Map<Map<String, Shape>, Plan> plans = new LinkedHashMap<>(16, 0.75f, true) {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Map<String, Shape>, Plan> eldest) {
      return size() > MOST_PLANS;
    }
  };
  /** The plan for the declared shapes; null where these leave something open. */
  private final Plan declared;
  private boolean closed;

  CpuExecutable(Graph original, CompileOptions options) {
    if (original != original.model().graph()) {
      throw new InvalidInputException("compile: found a subgraph, expected the main graph of a model");
    }
    if (options.precision() != CompileOptions.Precision.F32) {
      throw new InvalidInputException(
          "precision " + options.precision().name().toLowerCase(Locale.ROOT)
              + ": device 'cpu' computes in f32 only; compile with f32, or for another device");
    }
    Model model = original.model().copy();
    Inlining.inline(model);
    // What holds for all shapes is done once, so that the plans share its constants.
    Simplification.simplify(model.graph());
    Specialization.foldConstants(model.graph());
    this.graph = model.graph();
    this.options = options;
    requireKnown(graph);
    options.shapes().keySet().forEach(this::input);
    Map<String, Shape> known = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      Shape shape = options.shapes().get(input.name());
      TensorType type = input.tensorType();
      if (shape != null) {
        known.put(input.name(), shape);
      } else if (type != null && type.isStatic()) {
        known.put(input.name(), type.shape());
      }
    }
    declared = known.size() == graph.requiredInputs().size() ? plan(known) : null;
  }

  private static void requireKnown(Graph graph) {
    for (Node node : graph.nodes()) {
      Operators.of(node);
      node.subgraphs().forEach(CpuExecutable::requireKnown);
    }
  }

  Constants constants() {
    return constants;
  }

  CompileOptions options() {
    return options;
  }

  /** The input of this name; an error lists the names where there is none. */
  Value input(String name) {
    List<Value> inputs = graph.requiredInputs();
    for (Value input : inputs) {
      if (input.name().equals(name)) {
        return input;
      }
    }
    throw new InvalidInputException(
        "input '" + name + "': the graph has none of this name, expected one of "
            + inputs.stream().map(Value::name).toList());
  }

  List<Value> inputs() {
    return graph.requiredInputs();
  }

  /** The output of this name; an error lists the names where there is none. */
  Value output(String name) {
    for (Value output : graph.outputs()) {
      if (output.name().equals(name)) {
        return output;
      }
    }
    throw new InvalidInputException(
        "output '" + name + "': the graph has none of this name, expected one of "
            + graph.outputs().stream().map(Value::name).toList());
  }

  /** The plan for these shapes of all inputs. */
  synchronized Plan plan(Map<String, Shape> shapes) {
    return plans.computeIfAbsent(Map.copyOf(shapes),
        key -> {
          Graph special = Specialization.of(graph, key);
          Fusions.apply(special);
          return Planner.plan(special, constants);
        });
  }

  /** Bytes of the plan for the declared shapes; negative where these leave something open. */
  long bytes() {
    return declared == null ? -1 : declared.bytes();
  }

  @Override
  public synchronized Bound bind() {
    if (closed) {
      throw new IllegalStateException("executable: closed, expected an open one; compile the graph again");
    }
    return new CpuBound(this);
  }

  @Override
  public synchronized void close() {
    closed = true;
    plans.clear();
  }
}
