package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A copy of a model for given input shapes: everything that then is a constant is one, an If whose condition is known
 * is its branch, and every value carries its type.
 */
final class Specialization {
  /** A folded result may have this many elements more than what it was made from: larger ones are made while running. */
  private static final long MAX_GROWTH = 1 << 22;

  private final Graph graph;
  private final Map<String, Shape> shapes;
  private boolean changed;

  private Specialization(Graph graph, Map<String, Shape> shapes) {
    this.graph = graph;
    this.shapes = shapes;
  }

  /** A copy of a main graph for these shapes of its inputs. */
  static Graph of(Graph graph, Map<String, Shape> shapes) {
    Model copy = graph.model().copy();
    Specialization work = new Specialization(copy.graph(), shapes);
    Types types = work.infer();
    while (work.changed) {
      work.changed = false;
      types = work.infer();
      work.fold(copy.graph(), types);
      work.graph.removeDead();
    }
    types.store();
    return copy.graph();
  }

  private Types infer() {
    changed = true;
    return ShapeInference.of(graph, shapes);
  }

  private void fold(Graph from, Types types) {
    changed = false;
    foldNodes(from, types);
  }

  private void foldNodes(Graph from, Types types) {
    for (Node node : List.copyOf(from.nodes())) {
      if (node.is("If") && inline(node, types)) {
        changed = true;
      } else if (isFoldable(node)) {
        foldNode(node, types);
      } else {
        node.subgraphs().forEach(g -> foldNodes(g, types));
      }
    }
  }

  /** An Identity that gives a constant its output's name is all that can be done already. */
  private static boolean isFoldable(Node node) {
    return node.subgraphs().isEmpty() && !node.outputs().isEmpty()
        && !(node.is("Identity") && node.input(0).isConstant());
  }

  private void foldNode(Node node, Types types) {
    List<Tensor> results = results(node, types);
    for (int i = 0; i < results.size(); i++) {
      Value output = node.output(i);
      if (output != null && results.get(i) != null && !output.isUnused()) {
        Value constant = node.graph().addConstant(output.name(), results.get(i));
        node.graph().replaceUses(output, constant);
        changed = true;
      }
    }
  }

  /** The outputs as far as they are known now; empty where none is. */
  private static List<Tensor> results(Node node, Types types) {
    List<Tensor> known = new ArrayList<>();
    for (Value output : node.outputs()) {
      known.add(output == null ? null : types.tensor(output));
    }
    if (known.stream().anyMatch(t -> t != null)) {
      return known;
    }
    Operator operator = Ops.find(node);
    boolean constant = node.inputs().stream().allMatch(v -> v == null || v.isConstant());
    if (operator == null || operator.isRandom() || !constant || keepsSmall(node, types)) {
      return List.of();
    }
    return operator.evaluate(
        new Evaluation(node, node.inputs().stream().map(v -> v == null ? null : v.tensor()).toList(), null));
  }

  /** Whether folding would take more memory than it saves time. */
  private static boolean keepsSmall(Node node, Types types) {
    long before = node.inputs().stream().filter(v -> v != null).mapToLong(v -> v.tensor().size()).sum();
    long after = 0;
    for (Value output : node.outputs()) {
      Shape shape = output == null ? Shape.SCALAR : types.shape(output);
      after += shape == null ? 0 : shape.size();
    }
    return after - before > MAX_GROWTH;
  }

  /** Puts the branch of a known condition in the place of its If. */
  private static boolean inline(Node node, Types types) {
    Tensor condition = types.tensor(node.input(0));
    if (condition == null) {
      return false;
    }
    String name = Elements.longs(condition)[0] != 0 ? "then_branch" : "else_branch";
    Graph body = ((Attribute.GraphValue) node.attribute(name).value()).graph();
    Transplant transplant = new Transplant(node);
    transplant.add(body);
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.output(i) != null) {
        node.graph().replaceUses(node.output(i), transplant.twin(body.outputs().get(i)));
      }
    }
    node.graph().remove(node);
    return true;
  }
}
