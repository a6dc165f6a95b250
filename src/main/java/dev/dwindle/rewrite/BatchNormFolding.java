package dev.dwindle.rewrite;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/**
 * The rule that puts a {@link ChannelAffine} (BatchNormalization, arithmetic with a constant) into the constant weights
 * and bias of the Conv, ConvTranspose, Gemm or MatMul before it, where nothing else reads what that computes. Computed in
 * double precision, rounded once to the weights' type.
 */
final class BatchNormFolding {
  private BatchNormFolding() {}

  /**
   * How the weights of a layer lie: rows (one for each input channel, or one in all), for each the output channels of one
   * group, for each of these {@code inner} numbers.
   */
  private record Layout(int outputs, int groups, int inner) {
    int channel(int index, int count) {
      int perGroup = outputs / groups;
      int rowsPerGroup = count / (perGroup * inner * groups);
      return index / (inner * perGroup * rowsPerGroup) * perGroup + index / inner % perGroup;
    }
  }

  static boolean apply(Node node, Types types) {
    for (Value data : node.inputs()) {
      Node layer = data == null || data.isGraphOutput() || data.uses().size() != 1 ? null : data.producer();
      if (layer != null && layer.graph() == node.graph() && apply(node, layer, types)) {
        return true;
      }
    }
    return false;
  }

  private static boolean apply(Node node, Node layer, Types types) {
    Layout layout = layout(layer, types);
    TensorType type = types.tensorType(layer.output());
    if (layout == null || !type.hasRank() || !type.dims().equals(types.tensorType(node.output()).dims())) {
      return false;
    }
    int axis = layer.is("Conv") || layer.is("ConvTranspose") ? 1 : type.rank() - 1;
    ChannelAffine affine = ChannelAffine.of(node, layer.output(), axis, layout.outputs(), types);
    boolean needsBias = affine != null && !isZero(affine.shift());
    double[] bias = affine == null ? null : bias(layer, layout);
    if (bias == null || needsBias && layer.is("MatMul") && type.rank() != 2) {
      return false;
    }
    for (int c = 0; c < bias.length; c++) {
      bias[c] = bias[c] * affine.scale()[c] + affine.shift()[c];
    }
    Node target = layer.is("MatMul") && needsBias ? asGemm(layer) : layer;
    weigh(target, layout, affine.scale());
    if (needsBias || target.input(2) != null) {
      set(target, 2, Elements.ofDoubles(target.input(1).tensor().dtype(), Shape.of(bias.length), bias), "bias");
      if (target.is("Gemm")) {
        target.removeAttribute("beta");
      }
    }
    String name = node.output().name();
    Rewiring.bypass(node, target.output());
    if (node.graph().isFree(name)) {
      // The layer now computes what had this name: whoever compares two models by names compares like with like.
      node.graph().rename(target.output(), name);
    }
    return true;
  }

  private static Layout layout(Node layer, Types types) {
    Value weights = layer.domain().isEmpty() ? layer.input(1) : null;
    if (weights == null || !weights.isConstant() || !weights.tensor().dtype().isFloating()) {
      return null;
    }
    Shape shape = weights.tensor().shape();
    Call call = new Call(layer);
    return switch (layer.operator()) {
      case "Conv" -> new Layout(shape.intDim(0), 1, (int) shape.product(1, shape.rank()));
      case "ConvTranspose" -> {
        int groups = (int) call.integer("group", 1);
        yield new Layout(shape.intDim(1) * groups, groups, (int) shape.product(2, shape.rank()));
      }
      case "Gemm" -> call.flag("transB", false) ? new Layout(shape.intDim(0), 1, shape.intDim(1))
          : new Layout(shape.intDim(1), 1, 1);
      case "MatMul" -> shape.rank() == 2 && types.tensorType(layer.input(0)).hasRank()
          && types.tensorType(layer.input(0)).rank() >= 2 ? new Layout(shape.intDim(1), 1, 1) : null;
      default -> null;
    };
  }

  /** The bias that a layer adds, one number for each output channel; null where it is not constant. */
  private static double[] bias(Node layer, Layout layout) {
    double[] bias = new double[layout.outputs()];
    if (layer.is("MatMul") || layer.input(2) == null) {
      return bias;
    }
    Value given = layer.input(2);
    boolean along = given.isConstant() && (given.tensor().size() == 1 || given.tensor().size() == bias.length
        && given.tensor().shape().dim(-1) == bias.length);
    if (!along) {
      return null;
    }
    double beta = layer.is("Gemm") ? new Call(layer).real("beta", 1) : 1;
    double[] values = Elements.doubles(given.tensor());
    for (int c = 0; c < bias.length; c++) {
      bias[c] = beta * values[values.length == 1 ? 0 : c];
    }
    return bias;
  }

  private static Node asGemm(Node matMul) {
    Node gemm = matMul.graph().node("Gemm").name(matMul.name()).in(matMul.input(0), matMul.input(1))
        .out(matMul.output().name(), matMul.output().type()).before(matMul);
    Rewiring.replace(matMul, gemm.outputs());
    return gemm;
  }

  private static void weigh(Node layer, Layout layout, double[] scale) {
    Tensor weights = layer.input(1).tensor();
    double[] values = Elements.doubles(weights);
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale[layout.channel(i, values.length)];
    }
    set(layer, 1, Elements.ofDoubles(weights.dtype(), weights.shape(), values), "weight");
  }

  /** Gives an input new numbers: in place where this layer alone reads the constant. */
  private static void set(Node layer, int index, Tensor tensor, String hint) {
    Value old = layer.input(index);
    if (old != null && old.uses().size() == 1 && !old.isGraphOutput()
        && old.tensor().shape().equals(tensor.shape())) {
      old.graph().setConstant(old, Constant.of(tensor));
    } else {
      String name = old == null ? layer.output().name() + "_" + hint : old.name();
      layer.setInput(index, layer.graph().addConstant(name, tensor));
    }
  }

  private static boolean isZero(double[] values) {
    for (double v : values) {
      if (v != 0) {
        return false;
      }
    }
    return true;
  }
}
