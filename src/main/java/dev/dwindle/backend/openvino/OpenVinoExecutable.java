package dev.dwindle.backend.openvino;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Request;
import dev.dwindle.backend.RequestBound;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Shape;
import java.util.HashMap;
import java.util.Map;

/**
 * A graph for a device of OpenVINO: a model for the shapes that are known or come first, and where others come one for all, which runs more slowly but
 * is compiled once.
 *
 * <p>The model for all shapes is not run before that for the first ones was compiled: the library compiles it though none of its kernels fits the
 * shapes, and a run then fails, or on one thread ends early, says nothing, and leaves work behind that crashes a later run.
 */
final class OpenVinoExecutable implements Executable {
  private final Graph graph;
  private final CompileOptions options;
  private final Compilation<OpenVino.Model> compilation;
  /** The shapes that have a model of their own, and it; null before they are known. */
  private Map<String, Shape> first;
  private OpenVino.Model own;
  /** For all other shapes; null before there are any. */
  private OpenVino.Model general;
  private boolean closed;

  OpenVinoExecutable(CompileOptions options, Compilation<OpenVino.Model> compilation) {
    this.graph = compilation.graph();
    this.options = options;
    this.compilation = compilation;
    Map<String, Shape> known = known(graph, options.shapes());
    // Compiled now in any case, to find out what is refused.
    if (known.size() == graph.requiredInputs().size()) {
      own(known);
    } else {
      general = compilation.compileOrBlame(known(graph, Map.of()));
    }
  }

  /** The shapes of inputs that are known before any is set, by what is stated of them or by the graph. */
  private static Map<String, Shape> known(Graph graph, Map<String, Shape> stated) {
    Map<String, Shape> known = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.tensorType();
      Shape shape = stated.get(input.name());
      if (shape == null && type != null && type.isStatic()) shape = type.shape();
      if (shape != null) known.put(input.name(), shape);
    }
    return known;
  }

  private OpenVino.Model model(Map<String, Shape> shapes) {
    if (first == null) own(shapes);
    if (first.equals(shapes)) return own;
    if (general == null) general = compilation.compileOrBlame(known(graph, Map.of()));
    return general;
  }

  private void own(Map<String, Shape> shapes) {
    own = compilation.compileOrBlame(shapes);
    first = Map.copyOf(shapes);
  }

  @Override
  public synchronized Bound bind() {
    if (closed) {
      throw new IllegalStateException("executable: closed, expected an open one; compile the graph again");
    }
    return new RequestBound(graph, this::open);
  }

  private synchronized Request open(Map<String, Shape> shapes) {
    return new OpenVinoRequest(model(shapes), graph, shapes, options.profile());
  }

  @Override
  public synchronized void close() {
    if (closed) return;
    closed = true;
    if (own != null) own.close();
    if (general != null) general.close();
  }
}
