package dev.dwindle.train;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.FakeQuantization.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts fake quantization where QuantizeLinear and DequantizeLinear stand, and remembers by name what stood where. */
final class FakePairs {
  /** Operators that pass integers on unchanged where the pairs before and behind them are equal. */
  private static final Set<String> CARRIERS = Set.of("MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze",
      "Unsqueeze", "Identity");

  /** Beyond this share of differences, two sums of floats are not the same. */
  private static final double SAME = 1e-6;

  /**
   * A scale that is learned.
   *
   * @param growth the constant that holds its logarithm, less the one that it had
   * @param scale what it was
   */
  record Step(String growth, Tensor scale, Kind kind) {}

  /**
   * What was a pair, or a DequantizeLinear of constant integers.
   *
   * @param output of the DequantizeLinear
   * @param latent the constant whose numbers are rounded; null for an activation
   * @param zero whole numbers in the shape of the scale
   */
  record Pair(String output, String latent, Tensor initial, Step step, Tensor zero, long low, long high) {}

  /**
   * What was a DequantizeLinear of a bias.
   *
   * @param input the step of the layer's input, and {@code weight} that of its weights, whose product is the bias's scale; null where it is not
   */
  record Bias(String output, String latent, Tensor initial, Step input, Step weight) {}

  private final Graph graph;
  private final Latents latents;
  private final Map<String, Step> steps = new LinkedHashMap<>();
  private final Map<Step, Value> scales = new HashMap<>();
  private final Map<Value, Pair> made = new LinkedHashMap<>();
  private final List<Bias> biases = new ArrayList<>();

  private FakePairs(Graph graph, Graph original) {
    this.graph = graph;
    latents = new Latents(original);
  }

  /** Changes a graph. */
  static FakePairs of(Graph graph, Graph original) {
    FakePairs pairs = new FakePairs(graph, original);
    List<Node> nodes = graph.nodes().stream().filter(FakePairs::isPlain).toList();
    for (Node node : nodes) {
      if (isPair(node)) pairs.activation(node);
      if (isConstant(node, false)) pairs.weight(node);
    }
    nodes.stream().filter(node -> isConstant(node, true)).forEach(pairs::bias);
    return pairs;
  }

  List<Pair> pairs() {
    return List.copyOf(made.values());
  }

  List<Bias> biases() {
    return biases;
  }

  /** What the constants are trained for, by name. */
  Map<String, Kind> kinds() {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    made.values().stream().filter(pair -> pair.latent != null).forEach(pair -> kinds.put(pair.latent, Kind.WEIGHT));
    biases.forEach(bias -> kinds.put(bias.latent, Kind.BIAS));
    scales.keySet().forEach(step -> kinds.put(step.growth, step.kind));
    return kinds;
  }

  /** A DequantizeLinear by constant scales in FLOAT, one or one for each index of an axis. */
  private static boolean isPlain(Node node) {
    if (!node.is("DequantizeLinear") || !isConstantOf(node.input(1), DType.FLOAT)) return false;
    Call call = new Call(node);
    return node.input(1).tensor().shape().rank() < 2 && call.integer("block_size", 0) == 0
        && call.integer("output_dtype", DType.FLOAT.code()) == DType.FLOAT.code()
        && (node.input(2) == null || node.input(2).isConstant());
  }

  private static boolean isConstantOf(Value value, DType dtype) {
    return value != null && value.isConstant() && value.tensor().dtype() == dtype;
  }

  /** Whether it is of constant integers: of 32 bits, as biases are, or of at most 16. */
  private static boolean isConstant(Node node, boolean wide) {
    Value integers = node.input(0);
    if (integers == null || !integers.isConstant()) return false;
    DType type = integers.tensor().dtype();
    return wide ? type == DType.INT32 : isNarrow(type);
  }

  private static boolean isNarrow(DType type) {
    return type.isInteger() && type.bits() <= 16;
  }

  /** Whether it is what follows a QuantizeLinear of the same scale and zero point. */
  private static boolean isPair(Node node) {
    Node quantize = node.producer(0);
    return quantize != null && quantize.is("QuantizeLinear") && quantize.graph() == node.graph()
        && isConstantOf(quantize.input(1), DType.FLOAT) && same(quantize.input(1), node.input(1))
        && same(quantize.input(2), node.input(2)) && isNarrow(type(node));
  }

  private static boolean same(Value a, Value b) {
    return a == b || (a != null && b != null && a.isConstant() && a.tensor().contentEquals(b.tensor()));
  }

  /** The type of the integers that it reads. */
  private static DType type(Node node) {
    if (node.input(0).isConstant()) return node.input(0).tensor().dtype();
    if (node.input(2) != null) return node.input(2).tensor().dtype();
    long code = new Call(node.producer(0)).integer("output_dtype", 0);
    return code == 0 ? DType.UINT8 : DType.ofCode((int) code);
  }

  private static Tensor zero(Node node) {
    Shape shape = node.input(1).tensor().shape();
    double[] zero = node.input(2) == null ? new double[shape.intSize()] : Elements.doubles(node.input(2).tensor());
    return Elements.ofDoubles(DType.FLOAT, shape, zero);
  }

  private void activation(Node node) {
    Node quantize = node.producer(0);
    Pair before = carried(quantize);
    Tensor zero = zero(node);
    Step step = before != null && before.step.scale.contentEquals(node.input(1).tensor())
        && before.zero.contentEquals(zero) ? before.step : step(node.input(1), Kind.ACTIVATION_SCALE);
    Pair pair = new Pair(node.output().name(), null, null, step, zero, type(node).min(), type(node).max());
    replace(node, quantize.input(0), pair);
    if (quantize.output().isUnused()) graph.remove(quantize);
  }

  /** The activation whose integers reach a QuantizeLinear, or null. */
  private Pair carried(Node quantize) {
    Value value = quantize.input(0);
    for (Node node = value.producer(); node != null && node.domain().isEmpty()
        && CARRIERS.contains(node.operator()); node = value.producer()) {
      value = node.input(0);
    }
    Pair pair = made.get(value);
    return pair != null && pair.latent == null ? pair : null;
  }

  private void weight(Node node) {
    Tensor integers = node.input(0).tensor();
    Tensor zero = zero(node);
    long[] values = Elements.longs(integers);
    boolean centred = !integers.dtype().isUnsigned() && isZero(zero);
    long high = centred ? top(values, integers.dtype().max()) : integers.dtype().max();
    long low = centred && least(values) >= -high ? -high : centred ? -high - 1 : integers.dtype().min();
    Step step = step(node.input(1), Kind.WEIGHT_SCALE);
    Tensor numbers = latents.of(node, dequantized(node), low, high);
    Value latent = graph.addConstant(node.input(0).name() + "_latent", numbers);
    replace(node, latent, new Pair(node.output().name(), latent.name(), numbers, step, zero, low, high));
  }

  private static boolean isZero(Tensor tensor) {
    for (double v : Elements.doubles(tensor)) {
      if (v != 0) return false;
    }
    return true;
  }

  /** The largest number of as many bits as these integers take: weights of few bits may be stored in a wider type. */
  private static long top(long[] values, long most) {
    long top = 1;
    for (long v : values) {
      while (top < most && (v > top || v < -top - 1)) top = 2 * top + 1;
    }
    return top;
  }

  private static long least(long[] values) {
    long least = 0;
    for (long v : values) least = Math.min(least, v);
    return least;
  }

  private static Tensor dequantized(Node node) {
    List<Tensor> inputs = new ArrayList<>();
    node.inputs().forEach(input -> inputs.add(input == null ? null : input.tensor()));
    return Ops.find(node).evaluate(new Evaluation(node, inputs, (body, given) -> List.of())).getFirst();
  }

  /** The learned step of a scale; one for all that read the same constant. */
  private Step step(Value scale, Kind kind) {
    return steps.computeIfAbsent(scale.name(), name -> {
      Tensor base = scale.tensor();
      Value growth = graph.addConstant(name + "_growth",
          Elements.ofDoubles(DType.FLOAT, base.shape(), new double[base.shape().intSize()]));
      Value times = graph.node("Exp").in(growth).out(name + "_times", TensorType.of(base))
          .before(graph.nodes().getFirst()).output();
      Value grown = graph.node("Mul").in(scale, times).out(name + "_grown", TensorType.of(base))
          .after(times.producer()).output();
      Step step = new Step(growth.name(), base, kind);
      scales.put(step, grown);
      return step;
    });
  }

  /** Puts a FakeQuantize into the place, and under the name, of a DequantizeLinear. */
  private void replace(Node node, Value x, Pair pair) {
    Value zero = graph.addConstant(pair.output + "_zero", pair.zero);
    Value fake = graph.node(Operator.OWN_DOMAIN, "FakeQuantize").in(x, scales.get(pair.step), zero)
        .attribute(Attribute.of("axis", new Call(node).integer("axis", 1))).attribute(Attribute.of("low", pair.low))
        .attribute(Attribute.of("high", pair.high)).out(pair.output + "_fake", node.output().type()).before(node)
        .output();
    rename(node, fake);
    made.put(fake, pair);
  }

  private void rename(Node node, Value to) {
    String name = node.output().name();
    graph.replaceUses(node.output(), to);
    graph.remove(node);
    if (!to.name().equals(name) && graph.isFree(name)) graph.rename(to, name);
  }

  private void bias(Node node) {
    Tensor numbers = dequantized(node);
    Step input = null;
    Step weight = null;
    for (Use use : node.output().uses()) {
      Pair x = made.get(use.node().input(0));
      Pair w = made.get(use.node().input(1));
      boolean product = use.index() == 2 && x != null && w != null && x.latent == null && w.latent != null
          && isProduct(node.input(1).tensor(), x.step.scale, w.step.scale);
      if (product) {
        input = x.step;
        weight = w.step;
      }
    }
    Value latent = graph.addConstant(node.input(0).name() + "_latent", numbers);
    biases.add(new Bias(node.output().name(), latent.name(), numbers, input, weight));
    graph.replaceUses(node.output(), latent);
    graph.remove(node);
  }

  private static boolean isProduct(Tensor scale, Tensor input, Tensor weight) {
    if (input.size() != 1 || scale.size() != weight.size()) return false;
    double[] all = Elements.doubles(scale);
    double[] each = Elements.doubles(weight);
    for (int i = 0; i < all.length; i++) {
      double expected = each[i] * Elements.doubles(input)[0];
      if (!(Math.abs(all[i] - expected) <= SAME * expected)) return false;
    }
    return true;
  }
}
