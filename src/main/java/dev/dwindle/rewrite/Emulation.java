package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.Operator;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.result.IntegerArithmetic.Layer;
import dev.dwindle.result.IntegerArithmetic.Sums;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The model that a device computes whose integer units saturate: layers between Q/DQ pairs become products of integers of the
 * operators {@code dev.dwindle.PairedConvInteger} and {@code PairedMatMulInteger}, and what these give is scaled as the device scales it.
 */
public final class Emulation {
  private final Graph graph;
  private final IntegerArithmetic arithmetic;

  private Emulation(Graph graph, IntegerArithmetic arithmetic) {
    this.graph = graph;
    this.arithmetic = arithmetic;
  }

  /** A copy of a model in QDQ form as a device of this arithmetic runs it. */
  public static Model of(Model model, IntegerArithmetic arithmetic) {
    Model copy = model.copy();
    copy.opsets().putIfAbsent(Operator.OWN_DOMAIN, 1);
    for (Node node : List.copyOf(copy.graph().nodes())) {
      if (applies(node, arithmetic)) replace(node, arithmetic);
    }
    copy.graph().removeDead();
    return copy;
  }

  /** Whether a node is a layer of integer products that saturate. */
  public static boolean applies(Node node, IntegerArithmetic arithmetic) {
    Layer layer = layer(node);
    return layer != null && arithmetic.of(layer).saturates() && Integers.of(node) != null;
  }

  /** Puts what the device computes in the place of a node to which this {@link #applies}; the value that takes the place of its output. */
  public static Value replace(Node node, IntegerArithmetic arithmetic) {
    return new Emulation(node.graph(), arithmetic).replace(node, Integers.of(node));
  }

  /**
   * A layer as integers.
   *
   * @param data the node that dequantizes what the layer reads
   * @param weights INT8, as ConvInteger and MatMulInteger want them
   * @param factors what the sums are multiplied by, in a shape that broadcasts
   */
  private record Integers(Node data, Tensor weights, Tensor factors) {
    /** Null where a node is not between Q/DQ pairs, or in a way that no device runs in integers. */
    static Integers of(Node node) {
      Value data = node.input(0);
      Value weights = node.input(1);
      if (!isPair(data) || !isPair(weights) || !isSymmetric(weights.producer()) || !isEightBits(data.producer()))
        return null;
      Tensor scale = tensor(data.producer().input(1));
      Tensor stored = tensor(weights.producer().input(0));
      Tensor scales = tensor(weights.producer().input(1));
      boolean numbers = scale != null && scale.size() == 1 && scales != null && stored != null
          && stored.dtype() == DType.INT8 && !data.producer().input(0).isConstant();
      if (!numbers || !isPlain(node) || !node.is("Conv") && stored.shape().rank() != 2) return null;
      if (new Call(node).flag("transB", false)) stored = transposed(stored);
      int channels = stored.shape().intDim(node.is("Conv") ? 0 : 1);
      if (scales.size() != 1 && (scales.size() != channels || !isByChannel(node, weights.producer()))) return null;
      int spatial = node.is("Conv") ? stored.shape().rank() - 2 : 0;
      return new Integers(data.producer(), stored, scaling(scale, scales, spatial));
    }

    /** Whether scales that are more than one stand for output channels. */
    private static boolean isByChannel(Node node, Node dequantize) {
      int rank = dequantize.input(0).tensor().shape().rank();
      long axis = new Call(dequantize).integer("axis", 1);
      boolean first = node.is("Conv") || new Call(node).flag("transB", false);
      return (axis < 0 ? axis + rank : axis) == (first ? 0 : rank - 1);
    }

    private static boolean isPlain(Node node) {
      Call call = new Call(node);
      return !node.is("Gemm")
          || call.real("alpha", 1) == 1 && call.real("beta", 1) == 1 && !call.flag("transA", false);
    }
  }

  /** The layer that a node is to integer units, or null. */
  public static Layer layer(Node node) {
    if (!node.domain().isEmpty()) return null;
    return switch (node.operator()) {
      case "MatMul", "Gemm" -> Layer.MATMUL;
      case "Conv" -> {
        Shape shape = shape(node.input(1));
        long groups = new Call(node).integer("group", 1);
        yield groups == 1 ? Layer.CONV
            : shape != null && shape.rank() > 1 && shape.dim(1) == 1 ? Layer.DEPTHWISE_CONV : Layer.GROUPED_CONV;
      }
      default -> null;
    };
  }

  /** The shape of weights, or of the integers that they are dequantized from; null where it is not known. */
  private static Shape shape(Value weights) {
    if (weights == null) return null;
    if (weights.isConstant()) return weights.tensor().shape();
    return isPair(weights) && weights.producer().input(0).isConstant() ? weights.producer().input(0).tensor().shape()
        : null;
  }

  private Value replace(Node node, Integers integers) {
    Tensor weights = integers.weights();
    boolean conv = node.is("Conv");
    String name = node.output().name();
    NodeBuilder builder = graph.node(Operator.OWN_DOMAIN, conv ? "PairedConvInteger" : "PairedMatMulInteger")
        .in(integers.data().input(0), graph.addConstant(name + "_weights", weights));
    if (integers.data().input(2) != null) builder.in(integers.data().input(2));
    if (conv) {
      node.attributes().forEach(builder::attribute);
      builder.attribute(
          Attribute.of("pairs", arithmetic.of(layer(node)) == Sums.TAP_PAIRS ? "taps" : "channels"));
    }
    Value sums = builder.out(name + "_sums", null).before(node).output();
    Value numbers = graph.node("Cast").in(sums).attribute(Attribute.of("to", DType.FLOAT.code()))
        .out(name + "_float", null).before(node).output();
    Value result = graph.node("Mul").in(numbers, graph.addConstant(name + "_factors", integers.factors()))
        .out(name + "_product", node.output().type()).before(node).output();
    Value bias = node.is("MatMul") ? null : node.input(2);
    if (bias != null) {
      Value added = conv ? standing(bias, weights.shape().rank() - 2, node) : bias;
      result = graph.node("Add").in(result, added).out(name + "_biased", node.output().type()).before(node).output();
    }
    Rewiring.replace(node, List.of(result));
    return result;
  }

  /** A bias of channels as it broadcasts over spatial axes. */
  private Value standing(Value bias, int spatial, Node behind) {
    long[] dims = new long[1 + spatial];
    Arrays.fill(dims, 1);
    dims[0] = -1;
    Value shape = graph.addConstant(bias.name() + "_shape", Tensor.of(Shape.of(dims.length), dims));
    return graph.node("Reshape").in(bias, shape).out(bias.name() + "_standing", null).before(behind).output();
  }

  private static Tensor scaling(Tensor scale, Tensor scales, int spatial) {
    float[] factors = Elements.floats(scales);
    float one = Elements.floats(scale)[0];
    for (int i = 0; i < factors.length; i++) factors[i] *= one;
    long[] dims = new long[1 + spatial];
    Arrays.fill(dims, 1);
    dims[0] = factors.length;
    return Tensor.of(factors.length == 1 ? Shape.SCALAR : Shape.of(dims), factors);
  }

  private static Tensor transposed(Tensor matrix) {
    int rows = matrix.shape().intDim(0);
    int columns = matrix.shape().intDim(1);
    byte[] from = matrix.bytes();
    byte[] to = new byte[from.length];
    for (int i = 0; i < from.length; i++) to[i % columns * rows + i / columns] = from[i];
    return Tensor.of(DType.INT8, Shape.of(columns, rows), to);
  }

  private static boolean isPair(Value value) {
    return value != null && value.producer() != null && value.producer().is("DequantizeLinear");
  }

  /** By the zero point, which has the type of the integers; UINT8 where there is none. */
  private static boolean isEightBits(Node dequantize) {
    Value zero = dequantize.input(2);
    TensorType type = zero == null ? dequantize.input(0).tensorType() : zero.tensorType();
    DType dtype = zero != null && zero.isConstant() ? zero.tensor().dtype() : type == null ? null : type.dtype();
    return dtype == DType.UINT8 || dtype == DType.INT8;
  }

  private static boolean isSymmetric(Node dequantize) {
    Value zero = dequantize.input(2);
    if (zero == null) return true;
    if (!zero.isConstant()) return false;
    for (long z : Elements.longs(zero.tensor())) {
      if (z != 0) return false;
    }
    return true;
  }

  private static Tensor tensor(Value value) {
    return value != null && value.isConstant() ? value.tensor() : null;
  }
}
