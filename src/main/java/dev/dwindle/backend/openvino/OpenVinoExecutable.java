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
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A graph for a device of OpenVINO: where all shapes are known, a compiled model for each of the latest combinations; where they are not, one for
 * the shapes that come first, and one for all others, which runs more slowly but is compiled once.
 *
 * <p>The model for all shapes is not run before that for the first ones was compiled: the library compiles it though none of its kernels fits the
 * shapes, and a run then fails, or on one thread ends early, says nothing, and leaves work behind that crashes a later run.
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

  private OpenVino.Model model(Map<String, Shape> shapes) {
    OpenVino.Model model = models.get(shapes);
    if (model != null) return model;
    if (general != null && !models.isEmpty()) return general;
    model = compilation.compileOrBlame(shapes);
    models.put(Map.copyOf(shapes), model);
    if (models.size() > MOST_MODELS) models.pollFirstEntry().getValue().close();
    return model;
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
    closed = true;
    models.values().forEach(OpenVino.Model::close);
    models.clear();
    if (general != null) general.close();
  }
}
