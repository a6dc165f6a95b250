package dev.dwindle.train;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.FakePairs.Bias;
import dev.dwindle.train.FakePairs.Pair;
import dev.dwindle.train.FakePairs.Step;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Puts what training has learned into the constants of a quantized graph. */
final class Requantization {
  /** What a bias takes at most where its scale must be raised: as much as the quantize pass leaves it. */
  private static final double MOST_OF_BIAS = 0x3fff_ffff;

  private final Graph graph;
  private final FakePairs pairs;
  private final Map<String, Tensor> state;
  private final Map<Step, Tensor> scales = new HashMap<>();
  private final Set<Value> replaced = new HashSet<>();

  /** @param state constants of the trainable model, by name */
  Requantization(Graph graph, FakePairs pairs, Map<String, Tensor> state) {
    this.graph = graph;
    this.pairs = pairs;
    this.state = state;
  }

  void apply() {
    pairs.pairs().forEach(pair -> scales.computeIfAbsent(pair.step(), this::learned));
    pairs.biases().stream().filter(bias -> bias.input() != null).forEach(this::makeRoom);
    pairs.pairs().forEach(this::write);
    pairs.biases().forEach(this::write);
  }

  /** The scale as it was times what it has grown by. */
  private Tensor learned(Step step) {
    Tensor growth = state.get(step.growth());
    double[] values = Elements.doubles(step.scale());
    if (growth == null) return step.scale();
    double[] exponents = finite(step.growth(), growth, step.scale());
    boolean changed = false;
    for (int i = 0; i < values.length; i++) {
      if (exponents[i] == 0) continue;
      changed = true;
      values[i] = Math.clamp(values[i] * Math.exp(exponents[i]), (double) Float.MIN_NORMAL, Float.MAX_VALUE);
    }
    return changed ? Elements.ofDoubles(DType.FLOAT, step.scale().shape(), values) : step.scale();
  }

  private static double[] finite(String name, Tensor tensor, Tensor like) {
    if (!tensor.shape().equals(like.shape())) {
      throw new InvalidInputException(
          "constant '" + name + "': has shape " + tensor.shape() + ", expected " + like.shape());
    }
    double[] values = Elements.doubles(tensor);
    for (double v : values) {
      if (!Double.isFinite(v)) {
        throw new InvalidInputException(
            "constant '" + name + "': holds " + v + ", expected finite numbers; train at a smaller rate");
      }
    }
    return values;
  }

  /** Raises weight scales by which a bias would exceed 32 bits. */
  private void makeRoom(Bias bias) {
    double input = Elements.doubles(scales.get(bias.input()))[0];
    double[] weight = Elements.doubles(scales.get(bias.weight()));
    double[] numbers = finite(bias.latent(), latent(bias.latent(), bias.initial()), bias.initial());
    boolean raised = false;
    for (int c = 0; c < numbers.length; c++) {
      int s = weight.length == 1 ? 0 : c;
      if (Math.abs(numbers[c]) <= Integer.MAX_VALUE * (input * weight[s])) continue;
      weight[s] = Math.abs(numbers[c]) / (input * MOST_OF_BIAS);
      raised = true;
    }
    if (raised) scales.put(bias.weight(), Elements.ofDoubles(DType.FLOAT, bias.weight().scale().shape(), weight));
  }

  private Tensor latent(String name, Tensor initial) {
    return state.getOrDefault(name, initial);
  }

  private void write(Pair pair) {
    Node node = graph.value(pair.output()).producer();
    Tensor scale = scales.get(pair.step());
    if (pair.latent() == null) {
      put(node.producer(0), 1, scale);
    } else {
      Tensor numbers = latent(pair.latent(), pair.initial());
      boolean same = numbers.contentEquals(pair.initial()) && scale.contentEquals(pair.step().scale());
      if (!same) {
        finite(pair.latent(), numbers, pair.initial());
        put(node, 0, integers(node, numbers, scale, pair.zero(), pair.low(), pair.high()));
      }
    }
    put(node, 1, scale);
  }

  private void write(Bias bias) {
    Node node = graph.value(bias.output()).producer();
    Tensor numbers = latent(bias.latent(), bias.initial());
    Tensor scale = node.input(1).tensor();
    boolean moved = bias.input() != null && (!scales.get(bias.input()).contentEquals(bias.input().scale())
        || !scales.get(bias.weight()).contentEquals(bias.weight().scale()));
    if (!moved && numbers.contentEquals(bias.initial())) return;
    if (moved) {
      float input = scales.get(bias.input()).floats()[0];
      float[] each = scales.get(bias.weight()).floats();
      for (int c = 0; c < each.length; c++) each[c] = Math.max(each[c] * input, Float.MIN_NORMAL);
      scale = Tensor.of(scale.shape(), each);
    }
    finite(bias.latent(), numbers, bias.initial());
    Tensor zero = Elements.ofDoubles(DType.FLOAT, scale.shape(),
        node.input(2) == null ? new double[scale.shape().intSize()] : Elements.doubles(node.input(2).tensor()));
    put(node, 0, integers(node, numbers, scale, zero, Integer.MIN_VALUE, Integer.MAX_VALUE));
    put(node, 1, scale);
  }

  /** {@code clamp(round(x / scale) + zero, low, high)} in the type of what a DequantizeLinear reads. */
  private static Tensor integers(Node node, Tensor numbers, Tensor scale, Tensor zero, long low, long high) {
    float[] x = numbers.floats();
    float[] scales = scale.floats();
    double[] zeros = Elements.doubles(zero);
    Shape shape = numbers.shape();
    int inner = 1;
    if (scales.length > 1) {
      Call call = new Call(node);
      int axis = shape.rank() == 1 ? 0 : call.axis(call.integer("axis", 1), shape.rank());
      inner = (int) shape.product(axis + 1, shape.rank());
    }
    boolean wide = high > Character.MAX_VALUE;
    long[] integers = new long[x.length];
    for (int i = 0; i < x.length; i++) {
      int s = scales.length == 1 ? 0 : i / inner % scales.length;
      // FakeQuantize divides in FLOAT, which has too few digits for biases.
      double quotient = wide ? (double) x[i] / scales[s] : x[i] / scales[s];
      integers[i] = (long) Math.clamp(Math.rint(quotient) + zeros[s], (double) low, (double) high);
    }
    return Elements.ofLongs(node.input(0).tensor().dtype(), shape, integers);
  }

  /** Changes a constant; where others have made it something else already, the node reads one of its own. */
  private void put(Node node, int index, Tensor tensor) {
    Value value = node.input(index);
    if (value.tensor().contentEquals(tensor)) return;
    if (replaced.add(value)) {
      graph.setConstant(value, Constant.of(tensor));
    } else {
      node.setInput(index, graph.addConstant(value.name(), tensor));
    }
  }
}
