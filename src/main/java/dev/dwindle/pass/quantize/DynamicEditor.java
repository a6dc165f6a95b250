package dev.dwindle.pass.quantize;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.QuantizedWeights;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes products of activations and constant matrices integer products whose activations are quantized in each run:
 * DynamicQuantizeLinear, MatMulInteger, and the scales of both behind it.
 */
final class DynamicEditor {
  private final Graph graph;
  private final Format format;
  private final Map<Value, List<Value>> activations = new HashMap<>();
  private final Map<Value, List<Value>> weights = new HashMap<>();

  DynamicEditor(Graph graph, Format format) {
    this.graph = graph;
    this.format = format;
  }

  /** Why a layer cannot be one of these products; null where it can. */
  static String refusal(Layer layer) {
    Node node = layer.node();
    if (layer.weight() != 1 || node.input(1).tensor().shape().rank() != 2) {
      return "its second input is no constant matrix";
    }
    Call call = new Call(node);
    boolean plain = node.is("MatMul") || (!call.flag("transA", false) && call.real("alpha", 1) == 1
        && call.real("beta", 1) == 1);
    return plain ? null : "it scales or transposes what it reads";
  }

  /** Puts an integer product into the place of a layer. */
  void replace(Layer layer) {
    Node node = layer.node();
    List<Value> left = activations.computeIfAbsent(node.input(0), this::quantized);
    List<Value> right = weights.computeIfAbsent(node.input(1), w -> stored(w, layer.channelAxis() == 0));
    String name = node.output().name();
    TensorType type = node.output().tensorType();
    Value product = before(node, "MatMulInteger", name + "_integer", type == null ? null : type.with(DType.INT32),
        left.get(0), right.get(0), left.get(2));
    Value numbers = graph.node("Cast").in(product).attribute(Attribute.of("to", DType.FLOAT.code()))
        .out(name + "_cast", type).before(node).output();
    Value scale = before(node, "Mul", name + "_scale", TensorType.of(right.get(1).tensor()), left.get(1), right.get(1));
    Value result = before(node, "Mul", name + "_scaled", type, numbers, scale);
    if (node.is("Gemm") && node.input(2) != null) {
      result = before(node, "Add", name + "_biased", type, result, node.input(2));
    }
    graph.replaceUses(node.output(), result);
    graph.remove(node);
  }

  private Value before(Node node, String operator, String name, TensorType type, Value... inputs) {
    return graph.node(operator).in(inputs).out(name, type).before(node).output();
  }

  private List<Value> quantized(Value value) {
    TensorType type = value.tensorType();
    NodeBuilder builder = graph.node("DynamicQuantizeLinear").in(value)
        .out(value.name() + "_quantized", type == null ? null : type.with(DType.UINT8))
        .out(value.name() + "_scale", TensorType.of(DType.FLOAT, Shape.SCALAR))
        .out(value.name() + "_zero_point", TensorType.of(DType.UINT8, Shape.SCALAR));
    return (value.producer() == null ? builder.before(graph.nodes().getFirst()) : builder.after(value.producer()))
        .outputs();
  }

  /** The integers of a matrix, inputs in rows and outputs in columns, and their scales. */
  private List<Value> stored(Value weight, boolean transposed) {
    Tensor matrix = transposed ? transpose(weight.tensor()) : weight.tensor();
    int axis = format.perChannel() ? 1 : -1;
    float[] numbers = matrix.floats();
    float[] scales = QuantizedWeights.scales(numbers, matrix.shape(), axis, format.weightBits());
    QuantizedWeights q = QuantizedWeights.of(numbers, matrix.shape(), axis, scales, format.weightBits());
    return List.of(graph.addConstant(weight.name() + "_quantized", q.values()),
        graph.addConstant(weight.name() + "_scale", q.scaleTensor()));
  }

  private static Tensor transpose(Tensor matrix) {
    int rows = matrix.shape().intDim(0);
    int columns = matrix.shape().intDim(1);
    float[] from = matrix.floats();
    float[] to = new float[from.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        to[c * rows + r] = from[r * columns + c];
      }
    }
    return Tensor.of(Shape.of(columns, rows), to);
  }
}
