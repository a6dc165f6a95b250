package dev.dwindle.backend.onnxruntime;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A graph in ONNX Runtime: a session for the shapes that were asked for, and once others come, one for all others, for more
 * would hold the weights more often than they gain.
 */
final class OnnxRuntimeExecutable implements Executable {
  private final Graph graph;
  private final CompileOptions options;
  private final Map<String, TensorType> inputs = new LinkedHashMap<>();
  private final Map<String, DType> outputs = new LinkedHashMap<>();
  private final Session stated;
  private Session general;
  private int bound;
  private boolean closed;

  OnnxRuntimeExecutable(Graph original, CompileOptions options) {
    if (options.precision() != CompileOptions.Precision.F32) {
      throw new InvalidInputException("precision " + options.precision().name().toLowerCase(Locale.ROOT)
          + ": device '" + OnnxRuntimeBackend.NAME + "' computes in f32 only; compile with f32, or for another device");
    }
    Model model = original.model().copy();
    this.graph = model.graph();
    this.options = options;
    Types types = ShapeInference.of(graph, options.shapes());
    graph.requiredInputs().forEach(v -> inputs.put(v.name(), v.tensorType()));
    graph.outputs().forEach(v -> outputs.put(v.name(), types.tensorType(v).dtype()));
    stated = open(options.shapes(), new Session.Settings(options.threads(), null));
  }

  private Session open(Map<String, Shape> shapes, Session.Settings settings) {
    return ModelMemory.open(OnnxRuntimeBackend.NAME, Preparation.of(graph, shapes, Capability::lacks), settings);
  }

  boolean isProfiled() { return options.profile(); }

  Set<String> inputs() {
    return inputs.keySet();
  }

  /** What an input may hold; an error lists the names where there is none. */
  TensorType input(String name) {
    require("input", name, inputs.keySet());
    return inputs.get(name);
  }

  void requireOutput(String name) {
    require("output", name, outputs.keySet());
  }

  private static void require(String kind, String name, Set<String> names) {
    if (!names.contains(name)) {
      throw new InvalidInputException(
          kind + " '" + name + "': the graph has none of this name, expected one of " + List.copyOf(names));
    }
  }

  /** Element types of the outputs, in the graph's order. */
  Map<String, DType> outputTypes() {
    return outputs;
  }

  /** The session for these shapes of all inputs. */
  synchronized Session session(Map<String, Shape> shapes) {
    if (isStated(shapes)) {
      return stated;
    }
    if (general == null) {
      general = open(Map.of(), new Session.Settings(options.threads(), null));
    }
    return general;
  }

  private boolean isStated(Map<String, Shape> shapes) {
    return options.shapes().entrySet().stream()
        .allMatch(stated -> stated.getValue().equals(shapes.get(stated.getKey())));
  }

  /** The times of one run in a session that records them, warm by then. */
  List<NodeTime> times(Map<String, Shape> shapes, Consumer<Session> run) {
    return Recording.of(graph.nodes(),
        file -> open(isStated(shapes) ? options.shapes() : Map.of(), new Session.Settings(options.threads(), file)),
        run);
  }

  @Override
  public synchronized Bound bind() {
    if (closed) {
      throw new IllegalStateException("executable: closed, expected an open one; compile the graph again");
    }
    bound++;
    return new OnnxRuntimeBound(this);
  }

  /** Told by each request when it closes: sessions live as long as one of them runs in one. */
  synchronized void release() {
    bound--;
    closeUnused();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      closeUnused();
    }
  }

  private void closeUnused() {
    if (closed && bound == 0) {
      stated.close();
      if (general != null) {
        general.close();
      }
    }
  }
}
