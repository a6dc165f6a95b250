package dev.dwindle.pass.quantize;

import dev.dwindle.calibrate.LayerMoments;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Affine;
import dev.dwindle.quant.Elements;
import dev.dwindle.quant.LayerInputs;
import dev.dwindle.quant.QuantizedWeights;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Puts QuantizeLinear and DequantizeLinear into a graph. */
final class QdqEditor {
  private record WeightKey(Value weight, int axis, int bits, float[] factors) {}

  private final Graph graph;
  private final Map<String, double[]> means;
  private final Map<Value, Affine> activations = new HashMap<>();
  private final Map<WeightKey, Value> weights = new HashMap<>();
  private final Map<Node, float[]> factors = new HashMap<>();
  private final Rounding rounding;
  private final LayerMoments moments;

  /**
   * Edits a graph.
   *
   * @param means the channel means of the inputs of layers whose biases are to be corrected
   * @param rounding is told which weights are stored
   * @param moments by which weights make up for each other's errors, where they are known
   */
  QdqEditor(Graph graph, Map<String, double[]> means, Rounding rounding, LayerMoments moments) {
    this.moments = moments;
    this.graph = graph;
    this.means = means;
    this.rounding = rounding;
  }

  /** Lets these readers of an activation read it through a Q/DQ pair. */
  void quantizeActivation(Value value, Affine affine, Collection<Use> readers) {
    activations.put(value, affine);
    Value scale = graph.addConstant(value.name() + "_scale", affine.scaleTensor());
    Value zero = graph.addConstant(value.name() + "_zero_point", affine.zeroPointTensor());
    TensorType type = value.tensorType();
    Node q = behind(value, graph.node("QuantizeLinear").in(value, scale, zero)
        .out(value.name() + "_quantized", type == null ? null : type.with(affine.dtype())));
    Node dq = graph.node("DequantizeLinear").in(q.output(), scale, zero).out(value.name() + "_dequantized", type)
        .after(q);
    readers.forEach(use -> use.node().setInput(use.index(), dq.output()));
  }

  /** Multiplies the channels of an activation for readers that are to read the product. */
  Value multiplied(Value value, float[] by) {
    Value constant = graph.addConstant(value.name() + "_smoothing", Tensor.of(Shape.of(by.length), by));
    return behind(value, graph.node("Mul").in(value, constant).out(value.name() + "_smooth", value.type())).output();
  }

  /** Lets the rows of the weights that these readers hold be multiplied before they are quantized. */
  void multiplyRows(Collection<Use> readers, float[] by) {
    readers.forEach(use -> factors.put(use.node(), by));
  }

  /** Puts a reader of a value directly behind what makes it. */
  static Node behind(Value value, NodeBuilder reader) {
    return value.producer() == null ? reader.before(value.graph().nodes().getFirst()) : reader.after(value.producer());
  }

  /** Stores weight and bias of a layer as integers. */
  void quantizeConstants(Layer layer, Format format, int bits) {
    Node node = layer.node();
    if (layer.weight() < 0) {
      return;
    }
    Value weight = node.input(layer.weight());
    Tensor tensor = weight.tensor();
    int axis = format.perChannel() ? layer.channelAxis() : -1;
    float[] numbers = tensor.floats();
    float[] rows = factors.get(node);
    if (rows != null) multiplyRows(numbers, rows);
    float[] scales = QuantizedWeights.scales(numbers, tensor.shape(), axis, bits);
    if (rounding.learns(layer)) scales = QuantizedWeights.leastErrorScales(numbers, tensor.shape(), axis, scales, bits);
    float[] bias = layer.bias() < 0 ? null : node.input(layer.bias()).tensor().floats();
    Value activation = bias == null ? null : activation(node);
    boolean raised = bias != null && raiseForBias(scales, bias, activations.get(activation).scale());
    LayerInputs inputs = moments.inputsOf(weight, rows);
    QuantizedWeights quantized = inputs == null ? QuantizedWeights.of(numbers, tensor.shape(), axis, scales, bits)
        : QuantizedWeights.compensated(numbers, tensor.shape(), axis, scales, bits, inputs);
    DType type = format.stored(bits);
    Value stored = raised ? dequantized(weight, quantized, type)
        : weights.computeIfAbsent(new WeightKey(weight, axis, bits, rows), k -> dequantized(weight, quantized, type));
    node.setInput(layer.weight(), stored);
    float[] exactBias = bias == null ? null : bias.clone();
    if (bias != null) {
      if (means.containsKey(activation.name()) && BiasCorrection.applies(layer)) {
        correct(bias, BiasCorrection.shifts(layer, tensor, quantized, means.get(activation.name())));
      }
      Value old = node.input(layer.bias());
      node.setInput(layer.bias(), quantizedBias(old, bias, scales, activations.get(activation).scale()));
    }
    rounding.add(layer, numbers, bits, exactBias);
  }

  private static void multiplyRows(float[] matrix, float[] by) {
    int columns = matrix.length / by.length;
    for (int r = 0; r < by.length; r++) {
      for (int i = r * columns; i < (r + 1) * columns; i++) {
        matrix[i] *= by[r];
      }
    }
  }

  private static void correct(float[] bias, double[] shifts) {
    for (int c = 0; c < bias.length; c++) {
      bias[c] += (float) shifts[c];
    }
  }

  /** The value whose dequantized twin a layer reads first. */
  private static Value activation(Node node) {
    return node.input(0).producer().input(0).producer().input(0);
  }

  /** Widens scales so that each bias fits 31 bits in units of input scale times weight scale. */
  private static boolean raiseForBias(float[] scales, float[] bias, float inputScale) {
    boolean raised = false;
    for (int c = 0; c < bias.length; c++) {
      int s = scales.length == 1 ? 0 : c;
      double needed = Math.abs(bias[c]) / ((double) inputScale * 0x3fff_ffff);
      if (needed > scales[s]) {
        scales[s] = (float) needed;
        raised = true;
      }
    }
    return raised;
  }

  private Value dequantized(Value weight, QuantizedWeights q, DType type) {
    String name = weight.name();
    Value values = graph.addConstant(name + "_quantized", as(type, q.values()));
    Value scale = graph.addConstant(name + "_scale", q.scaleTensor());
    Value zero = graph.addConstant(name + "_zero_point", as(type, q.zeroPointTensor()));
    return dequantize(name, q.axis(), TensorType.of(weight.tensor()), values, scale, zero);
  }

  private static Tensor as(DType type, Tensor bytes) {
    return bytes.dtype() == type ? bytes : Elements.ofLongs(type, bytes.shape(), Elements.longs(bytes));
  }

  private Value quantizedBias(Value bias, float[] numbers, float[] weightScales, float inputScale) {
    float[] scales = new float[weightScales.length];
    for (int c = 0; c < scales.length; c++) {
      scales[c] = weightScales[c] * inputScale;
    }
    long[] integers = new long[numbers.length];
    for (int c = 0; c < numbers.length; c++) {
      integers[c] = (long) Math.rint((double) numbers[c] / scales[scales.length == 1 ? 0 : c]);
    }
    Shape shape = scales.length == 1 ? Shape.SCALAR : Shape.of(scales.length);
    Value values = graph.addConstant(bias.name() + "_quantized",
        Elements.ofLongs(DType.INT32, bias.tensor().shape(), integers));
    Value scale = graph.addConstant(bias.name() + "_scale", Tensor.of(shape, scales));
    Value zero = graph.addConstant(bias.name() + "_zero_point",
        Elements.ofLongs(DType.INT32, shape, new long[scales.length]));
    return dequantize(bias.name(), scales.length == 1 ? -1 : 0, TensorType.of(bias.tensor()), values, scale, zero);
  }

  private Value dequantize(String name, int axis, TensorType type, Value... inputs) {
    var builder = graph.node("DequantizeLinear").in(inputs).out(name + "_dequantized", type);
    if (axis >= 0) {
      builder.attribute(Attribute.of("axis", axis));
    }
    return builder.before(graph.nodes().getFirst()).output();
  }
}
