package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Function;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.InvalidInputException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts the bodies of functions that a model file defines in place of their calls, calls within bodies included. */
public final class Inlining {
  private final Model model;
  private final Deque<Function> open = new ArrayDeque<>();
  private int inlined;

  private Inlining(Model model) {
    this.model = model;
  }

  /**
   * Inlines every call of a model's functions and removes the functions. Where model and functions stand in different
   * versions of ONNX's operator set, all are lifted to the newest among them first.
   *
   * @return how many calls were replaced
   * @throws InvalidInputException where a function calls itself, or needs another version of a foreign operator set than
   *           the model
   */
  public static int inline(Model model) {
    if (model.functions().isEmpty()) {
      return 0;
    }
    int newest = Math.max(model.graph().opset(""),
        model.functions().stream().mapToInt(f -> f.body().opset("")).max().orElse(0));
    OpsetLift.lift(model, newest);
    Inlining inlining = new Inlining(model);
    inlining.inline(model.graph());
    model.functions().clear();
    return inlining.inlined;
  }

  private void inline(Graph graph) {
    for (Node node : List.copyOf(graph.nodes())) {
      inline(node);
    }
  }

  private void inline(Node node) {
    Function function = model.function(node);
    if (function == null) {
      node.subgraphs().forEach(this::inline);
      return;
    }
    if (open.contains(function)) {
      throw new InvalidInputException(node.label() + ": the function calls itself");
    }
    requireSameVersions(node, function);
    Graph graph = node.graph();
    List<Node> before = new ArrayList<>(graph.nodes());
    String prefix = (node.name().isEmpty() ? function.name() : node.name()) + "/";
    List<Value> results = Transplant.before(node, function.body(), node.inputs(), prefix,
        a -> resolve(a, node, function));
    List<Node> added = new ArrayList<>(graph.nodes());
    added.removeAll(new HashSet<>(before));
    Rewiring.replace(node, results);
    inlined++;
    open.push(function);
    added.forEach(this::inline);
    open.pop();
  }

  private static Attribute resolve(Attribute attribute, Node call, Function function) {
    if (!(attribute.value() instanceof Attribute.Reference reference)) {
      return attribute;
    }
    Attribute given = call.attribute(reference.attribute());
    for (Attribute declared : function.attributes()) {
      boolean hasDefault = !(declared.value() instanceof Attribute.Foreign);
      if (given == null && hasDefault && declared.name().equals(reference.attribute())) {
        given = declared;
      }
    }
    return given == null ? null : new Attribute(attribute.name(), given.value(), given.extras());
  }

  private void requireSameVersions(Node node, Function function) {
    Map<String, Integer> wanted = new TreeMap<>(function.opsets());
    wanted.forEach((domain, version) -> {
      Integer found = model.opsets().putIfAbsent(domain, version);
      if (found != null && !found.equals(version)) {
        throw new InvalidInputException(node.label() + ": the function needs opset " + version + " of domain '" + domain
            + "', the model has " + found);
      }
    });
  }
}
