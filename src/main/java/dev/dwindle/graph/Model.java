package dev.dwindle.graph;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What stands around the main graph in a model file: versions, functions, metadata. */
public final class Model {
  private long irVersion;
  private final Map<String, Integer> opsets = new LinkedHashMap<>();
  private final List<Function> functions = new ArrayList<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private Extras extras = Extras.NONE;
  private Path source;
  private Graph graph;

  /** An empty model of this IR version and of this version of ONNX's own operators. */
  public Model(long irVersion, int opset) {
    this.irVersion = irVersion;
    if (opset > 0) {
      opsets.put("", opset);
    }
    this.graph = new Graph(this, opsets);
  }

  public Graph graph() {
    return graph;
  }

  public long irVersion() {
    return irVersion;
  }

  public void setIrVersion(long version) { irVersion = version; }

  /** Operator set versions by domain, in the order of the file; ONNX's own domain is the empty name. */
  public Map<String, Integer> opsets() {
    return opsets;
  }

  /** Functions that the file defines itself. */
  public List<Function> functions() {
    return functions;
  }

  /** The function that a node calls, or null. */
  public Function function(Node node) {
    for (Function f : functions) {
      if (f.domain().equals(node.domain()) && f.name().equals(node.operator())
          && f.overload().equals(node.overload())) {
        return f;
      }
    }
    return null;
  }

  /** The file's own key-value metadata, in order. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Fields of the file beyond those of this class. */
  public Extras extras() {
    return extras;
  }

  public void setExtras(Extras other) { extras = other; }

  /** The file that the model was read from, or null; external data that is unchanged lies beside it. */
  public Path source() {
    return source;
  }

  public void setSource(Path file) { source = file; }

  /** A copy that shares nothing but constants. */
  public Model copy() {
    Model copy = new Model(irVersion, 0);
    copy.metadata.putAll(metadata);
    copy.extras = extras;
    copy.source = source;
    copy.become(this);
    return copy;
  }

  /** Takes a copy of another model's graph, functions and versions in the place of its own; the graph that it had is no part of it any more. */
  public void become(Model other) {
    irVersion = other.irVersion;
    opsets.clear();
    opsets.putAll(other.opsets);
    functions.clear();
    for (Function f : other.functions) {
      Function twin = new Function(f.domain(), f.name(), f.overload(), this, f.opsets());
      twin.attributes().addAll(f.attributes());
      twin.setExtras(f.extras());
      GraphCopy.into(f.body(), twin.body());
      functions.add(twin);
    }
    graph = new Graph(this, opsets);
    GraphCopy.into(other.graph, graph);
  }
}
