package dev.dwindle.backend.openvino;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeRefusedException;
import dev.dwindle.backend.Request;
import dev.dwindle.backend.RequestBound;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A graph for a device of OpenVINO: where all shapes are known, a compiled model for each of the latest combinations; where they are not, one for
 * all, which runs more slowly but is compiled once, and one for the shapes that came first, made when they come again.
 */
final class OpenVinoExecutable implements Executable {
  /** Combinations of shapes with models of their own: to compile one takes as long as many runs. */
  private static final int MOST_MODELS = 4;

  private final Graph graph;
  private final CompileOptions options;
  private final Compilation<OpenVino.Model> compilation;
  private final LinkedHashMap<Map<String, Shape>, OpenVino.Model> models = new LinkedHashMap<>();
  /** For shapes that have no model of their own; null where all shapes are known. */
  private final OpenVino.Model general;
  /** The shapes of the first run; null before it. */
  private Map<String, Shape> first;
  /** Whether these shapes have no model of their own. */
  private boolean refused;
  private boolean closed;

  OpenVinoExecutable(CompileOptions options, Compilation<OpenVino.Model> compilation) {
    this.graph = compilation.graph();
    this.options = options;
    this.compilation = compilation;
    Map<String, Shape> known = known(graph, options);
    boolean all = known.size() == graph.requiredInputs().size();
    // Compiled now in any case, to find out what is refused.
    general = all ? null : compilation.compileOrBlame(known);
    if (all) model(known);
  }

  /** The shapes of inputs that are known before any is set. */
  private static Map<String, Shape> known(Graph graph, CompileOptions options) {
    Map<String, Shape> known = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.tensorType();
      Shape shape = options.shapes().get(input.name());
      if (shape == null && type != null && type.isStatic()) shape = type.shape();
      if (shape != null) known.put(input.name(), shape);
    }
    return known;
  }

  private synchronized OpenVino.Model model(Map<String, Shape> shapes) {
    OpenVino.Model model = models.get(shapes);
    if (model != null) return model;
    if (general != null) return general(shapes);
    model = compilation.compileOrBlame(shapes);
    models.put(Map.copyOf(shapes), model);
    if (models.size() > MOST_MODELS) models.pollFirstEntry().getValue().close();
    return model;
  }

  /** The model for all shapes, but for those that came first and come again. */
  private OpenVino.Model general(Map<String, Shape> shapes) {
    if (first == null) {
      first = Map.copyOf(shapes);
    } else if (isWorthItsOwn(shapes)) {
      try {
        models.put(first, compilation.compile(shapes));
        return models.get(first);
      } catch (OpenVino.Failure | NodeRefusedException refusal) {
        refused = true;
      }
    }
    return general;
  }

  /** Whether the next run with these shapes is to have a model of its own. */
  private synchronized boolean isWorthItsOwn(Map<String, Shape> shapes) {
    return general != null && !refused && shapes.equals(first);
  }

  @Override
  public synchronized Bound bind() {
    if (closed) {
      throw new IllegalStateException("executable: closed, expected an open one; compile the graph again");
    }
    return new RequestBound(graph, this::open);
  }

  private synchronized Request open(Map<String, Shape> shapes) {
    OpenVino.Model model = model(shapes);
    return new OpenVinoRequest(model, graph, shapes, options.profile(),
        () -> model == general && isWorthItsOwn(shapes));
  }

  @Override
  public synchronized void close() {
    closed = true;
    models.values().forEach(OpenVino.Model::close);
    models.clear();
    if (general != null) general.close();
  }
}
