package dev.dwindle.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A function that a model file defines: a named body of nodes with operator set versions of its own. */
public final class Function {
  private final String domain;
  private final String name;
  private final String overload;
  private final Map<String, Integer> opsets;
  private final List<Attribute> attributes = new ArrayList<>();
  private final Graph body;
  private Extras extras = Extras.NONE;

  public Function(String domain, String name, String overload, Model model, Map<String, Integer> opsets) {
    this.domain = domain.equals("ai.onnx") ? "" : domain;
    this.name = name;
    this.overload = overload;
    this.opsets = new LinkedHashMap<>(opsets);
    this.body = new Graph(model, this.opsets);
  }

  public String domain() {
    return domain;
  }

  public String name() {
    return name;
  }

  public String overload() {
    return overload;
  }

  /** Operator set versions by domain. */
  public Map<String, Integer> opsets() {
    return opsets;
  }

  /** Attributes of the call that have a default; {@link Attribute.Foreign} for those without. */
  public List<Attribute> attributes() {
    return attributes;
  }

  /** The body; its inputs and outputs are the function's, by position. */
  public Graph body() {
    return body;
  }

  public Extras extras() {
    return extras;
  }

  public void setExtras(Extras other) { extras = other; }
}
