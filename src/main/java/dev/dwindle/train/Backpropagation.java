package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Backward;
import dev.dwindle.op.GradientRule;
import dev.dwindle.op.GradientRules;
import dev.dwindle.op.Operator;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.ConstantFolding;
import dev.dwindle.rewrite.Decomposition;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.OpsetLift;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reverse-mode differentiation: appends to a graph the nodes that compute the gradients of one of its numbers, the loss. They are ordinary
 * operators, so that whatever runs graphs runs them.
 */
public final class Backpropagation {
  private final Graph graph;
  private final Set<Value> moving;
  private final Map<Value, List<Value>> parts = new HashMap<>();

  private Backpropagation(Graph graph, Set<Value> moving) {
    this.graph = graph;
    this.moving = moving;
  }

  /**
   * Brings a model into the form that {@link #of} takes: functions inlined, of operator set {@link Backward#OPSET} or newer, what does not depend on inputs
   * folded, composites without a rule of their own decomposed, types stored. Names of inputs, constants and outputs stay.
   */
  public static void prepare(Model model) {
    Inlining.inline(model);
    OpsetLift.lift(model, Backward.OPSET);
    model.opsets().putIfAbsent(Operator.OWN_DOMAIN, 1);
    fold(model.graph());
    Decomposition.decompose(model.graph(), node -> GradientRules.of(node) == null);
    fold(model.graph());
  }

  /**
   * Puts ONNX's own operators in the place of those of the domain {@code dev.dwindle} that gradients are made of, for runtimes that do not know these.
   * Types must be stored.
   */
  public static void standardize(Model model) {
    Decomposition.decompose(model.graph(), node -> node.domain().equals(Operator.OWN_DOMAIN));
    model.opsets().remove(Operator.OWN_DOMAIN);
  }

  /** What does not depend on inputs becomes a constant, but for fake quantization, whose constants are what is trained; types are stored. */
  private static void fold(Graph graph) {
    ShapeInference.of(graph).store();
    ConstantFolding.fold(graph, ShapeInference.of(graph), FakeQuantization.nodes(graph)::contains);
    ShapeInference.of(graph).store();
  }

  /**
   * Appends the gradients of a loss.
   *
   * @param graph {@linkplain #prepare prepared}
   * @param loss of a floating-point type and one element
   * @param wanted inputs, constants or other values of a floating-point type
   * @return by value, in the given order, a gradient of its type and shape; zeros where the loss does not depend on it
   * @throws InvalidInputException where a node between them has no gradient, or one that asks for a shape that is not known
   */
  public static Map<Value, Value> of(Graph graph, Value loss, Collection<Value> wanted) {
    requireOne(loss);
    wanted.forEach(Backpropagation::requireFloating);
    Backpropagation all = new Backpropagation(graph, moving(graph, wanted));
    if (all.moving.contains(loss)) {
      all.add(loss, graph.addConstant("gradient_of_" + loss.name(), ones(loss)));
      for (Node node : List.copyOf(graph.nodes()).reversed()) all.differentiate(node);
    }
    Map<Value, Value> gradients = new LinkedHashMap<>();
    wanted.forEach(value -> gradients.put(value, all.gradient(value)));
    return gradients;
  }

  private static void requireOne(Value loss) {
    requireFloating(loss);
    if (!loss.tensorType().isStatic() || loss.tensorType().shape().size() != 1) {
      throw new InvalidInputException("loss '" + loss.name() + "': is a " + loss.type() + ", expected one number");
    }
  }

  private static void requireFloating(Value value) {
    if (!isFloating(value)) {
      throw new InvalidInputException(
          "value '" + value.name() + "': is a " + value.type() + ", expected a floating-point type for its gradient");
    }
  }

  private static boolean isFloating(Value value) {
    return value.tensorType() != null && value.tensorType().dtype() != null && value.tensorType().dtype().isFloating();
  }

  private static Tensor ones(Value loss) {
    return Elements.ofDoubles(loss.tensorType().dtype(), loss.tensorType().shape(), new double[] {1});
  }

  /** What changes when the wanted values do. */
  private static Set<Value> moving(Graph graph, Collection<Value> wanted) {
    Set<Value> moving = new HashSet<>(wanted);
    for (Node node : graph.nodes()) {
      boolean moves = node.inputs().stream().anyMatch(moving::contains) || readsInside(node, moving);
      for (Value output : node.outputs()) {
        if (moves && output != null && !isOther(output)) moving.add(output);
      }
    }
    return moving;
  }

  /** Whether a value is known to hold no floating-point numbers; what is not known may. */
  private static boolean isOther(Value value) {
    return value.tensorType() != null && value.tensorType().dtype() != null && !isFloating(value);
  }

  private static boolean readsInside(Node node, Set<Value> moving) {
    return node.subgraphs().stream().flatMap(body -> body.nodes().stream())
        .anyMatch(inner -> inner.inputs().stream().anyMatch(moving::contains) || readsInside(inner, moving));
  }

  private void differentiate(Node node) {
    boolean flows = node.outputs().stream().anyMatch(parts::containsKey);
    boolean leads = node.inputs().stream().anyMatch(moving::contains) || readsInside(node, moving);
    if (!flows || !leads) return;
    GradientRule rule = GradientRules.of(node);
    if (rule == null)
      throw new InvalidInputException(node.label() + ": has no gradient, expected an operator that has one");
    List<Value> gradients = new ArrayList<>();
    node.outputs().forEach(output -> gradients.add(output == null ? null : sum(output)));
    List<Value> found = rule.apply(new Backward(node, gradients, moving));
    for (int i = 0; i < found.size(); i++) {
      Value input = node.input(i);
      if (found.get(i) != null && input != null && moving.contains(input)) add(input, found.get(i));
    }
  }

  private void add(Value value, Value part) {
    parts.computeIfAbsent(value, v -> new ArrayList<>()).add(part);
  }

  /** The gradient of a value all of whose readers are done, or null. */
  private Value sum(Value value) {
    List<Value> added = parts.get(value);
    if (added == null) return null;
    while (added.size() > 1) {
      Value pair = graph.node("Add").in(added.removeFirst(), added.removeFirst()).out("gradient", value.type()).append()
          .output();
      added.addFirst(pair);
    }
    return added.getFirst();
  }

  private Value gradient(Value value) {
    Value sum = sum(value);
    if (sum != null) return sum;
    if (!value.tensorType().isStatic()) {
      throw new InvalidInputException("value '" + value.name() + "': the loss does not depend on it");
    }
    Shape shape = value.tensorType().shape();
    return graph.addConstant("no_gradient",
        Elements.ofDoubles(value.tensorType().dtype(), shape, new double[shape.intSize()]));
  }
}
