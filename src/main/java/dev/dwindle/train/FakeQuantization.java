package dev.dwindle.train;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Quantization;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A quantized model as one in floating point that computes the same and can be trained, and the way back (Jacob et al., 2018). Pairs of QuantizeLinear and
 * DequantizeLinear become {@code dev.dwindle.FakeQuantize}, and so do DequantizeLinear of constant integers, behind constants in floating point that
 * remember what rounding takes away; biases become such constants alone. The same model gives the same names each time.
 *
 * <p>Steps are learned (Esser et al., 2020) through their logarithms: a scale is what it was, times the exponential of a constant that begins at 0 (Jain et al., 2020,
 * train thresholds so). It so stays positive, and a learning rate means the same share of every scale, whatever their sizes.
 *
 * <p>Left as they are: scales that are not constants in FLOAT, scales of blocks, and types of more than 16 bits other than biases.
 */
public final class FakeQuantization {
  /** What a constant that is trained is for. */
  public enum Kind {
    /** What is rounded to integers. */
    WEIGHT,
    /** What is added in integers. */
    BIAS,
    /** The logarithm of how much the scales of weights have grown. */
    WEIGHT_SCALE,
    /** The logarithm of how much the scale of an activation has grown. */
    ACTIVATION_SCALE,
    /** A constant that was not quantized. */
    FLOAT
  }

  private static final String OPERATOR = "FakeQuantize";

  private final Model quantized;
  private final Model model;
  private final FakePairs pairs;
  private final Map<String, Kind> kinds = new LinkedHashMap<>();

  private FakeQuantization(Model quantized, Model original) {
    this.quantized = quantized.copy();
    model = quantized.copy();
    Graph graph = model.graph();
    model.opsets().put(Operator.OWN_DOMAIN, 1);
    pairs = FakePairs.of(graph, original == null ? null : original.graph());
    graph.removeDead();
    ShapeInference.of(graph).store();
    kinds.putAll(pairs.kinds());
    quantized.graph().constants().stream().filter(FakeQuantization::isFloat)
        .forEach(c -> kinds.put(c.name(), Kind.FLOAT));
  }

  /** Whether a constant of a quantized model is a weight that was left in floating point. */
  private static boolean isFloat(Value constant) {
    return TrainingStep.isWeight(constant)
        && constant.uses().stream().noneMatch(use -> Quantization.has(use.node()) && use.index() > 0);
  }

  /** The trainable form of a model in QDQ form, which is not changed. */
  public static FakeQuantization of(Model quantized) {
    return new FakeQuantization(quantized, null);
  }

  /**
   * The same, beginning with the weights that were quantized instead of what their integers stand for.
   *
   * @param original as it was before it was quantized; where a layer of the same output has a constant of the same shape there whose numbers are mostly within a step
   *          of the integers', that is the weight, as far as it gives these integers
   */
  public static FakeQuantization of(Model quantized, Model original) {
    return new FakeQuantization(quantized, original);
  }

  /** Whether a node is a FakeQuantize. */
  static boolean is(Node node) {
    return node.domain().equals(Operator.OWN_DOMAIN) && node.operator().equals(OPERATOR);
  }

  /** The nodes of a graph that fake quantization is made of: FakeQuantize, and what makes its scales. */
  static Set<Node> nodes(Graph graph) {
    Set<Node> nodes = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (!is(node)) continue;
      nodes.add(node);
      collect(node.producer(1), nodes);
    }
    return nodes;
  }

  private static void collect(Node node, Set<Node> nodes) {
    if (node == null || !nodes.add(node)) return;
    for (int i = 0; i < node.inputs().size(); i++) collect(node.producer(i), nodes);
  }

  /** The trainable model; its inputs and outputs are those of the quantized one. */
  public Model model() {
    return model;
  }

  /** The trainable model with other numbers in its constants, by name; what is no constant of it is left out. */
  public Model model(Map<String, Tensor> state) {
    Model changed = model.copy();
    state.forEach((name, tensor) -> set(changed.graph(), name, tensor));
    return changed;
  }

  private static void set(Graph graph, String name, Tensor tensor) {
    Value value = graph.value(name);
    if (value == null || !value.isConstant()) return;
    if (!TensorType.of(value.tensor()).equals(TensorType.of(tensor))) {
      throw new InvalidInputException("constant '" + name + "': is to become a " + TensorType.of(tensor)
          + ", expected a " + TensorType.of(value.tensor()));
    }
    graph.setConstant(value, Constant.of(tensor));
  }

  /** What a constant of the trainable model is trained for; null where it is not to be trained. */
  public Kind kind(Value constant) {
    return constant.isConstant() ? kinds.get(constant.name()) : null;
  }

  /** Whether a constant is to be trained: a weight, a bias or a learned scale. */
  public boolean isTrained(Value constant) {
    return kind(constant) != null;
  }

  /** Whether a constant is to be trained in a phase in which some kinds stay as they are. */
  public Predicate<Value> without(Kind... frozen) {
    List<Kind> kept = List.of(frozen);
    return constant -> isTrained(constant) && !kept.contains(kind(constant));
  }

  /** The quantized model again, with the constants of a trained one, by name. */
  public Model back(Model trained) {
    Map<String, Tensor> state = new HashMap<>();
    trained.graph().constants().stream().filter(c -> model.graph().value(c.name()) != null)
        .forEach(c -> state.put(c.name(), c.tensor()));
    return back(state);
  }

  /**
   * The quantized model again: the same nodes, integers and scales as training left them. What did not change has the same bytes. A bias is in units of input scale times
   * weight scale where it was before, and a weight scale is raised where its bias would exceed 32 bits.
   *
   * @param state numbers of constants of the trainable model, by name, such as what {@link Trainer.Outcome} has; others are as they were
   * @throws InvalidInputException where a number is not finite
   */
  public Model back(Map<String, Tensor> state) {
    Model result = quantized.copy();
    new Requantization(result.graph(), pairs, state).apply();
    kinds.forEach((name, kind) -> {
      if (kind == Kind.FLOAT && state.containsKey(name)) set(result.graph(), name, state.get(name));
    });
    statistics(result.graph(), state);
    return result;
  }

  /** The running statistics of batch normalizations. */
  private static void statistics(Graph graph, Map<String, Tensor> state) {
    for (Node node : graph.nodes()) {
      if (!node.is("BatchNormalization")) continue;
      for (int i = 3; i < 5; i++) {
        String name = node.input(i).name();
        if (state.containsKey(name)) set(graph, name, state.get(name));
      }
    }
  }
}
