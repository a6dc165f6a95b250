package dev.dwindle.rewrite;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * A map {@code y = scale[c] * x + shift[c]} for each channel {@code c}, in double precision: a BatchNormalization
 * outside training, or arithmetic with a constant.
 */
record ChannelAffine(double[] scale, double[] shift) {
  /**
   * The map that a node applies to a value, or null where it applies none.
   *
   * @param data one of the node's inputs, whose rank must be known
   * @param axis its channel axis
   * @param channels the length of that axis
   */
  static ChannelAffine of(Node node, Value data, int axis, int channels, Types types) {
    if (!node.domain().isEmpty()) {
      return null;
    }
    return switch (node.operator()) {
      case "BatchNormalization" -> node.input(0) == data && axis == 1 ? normalization(node, channels, types) : null;
      case "Mul", "Add", "Sub", "Div" -> arithmetic(node, data, axis, channels, types);
      default -> null;
    };
  }

  private static ChannelAffine normalization(Node node, int channels, Types types) {
    Call call = new Call(node);
    boolean training = call.flag("training_mode", false) || !call.flag("spatial", true);
    boolean onlyOne = node.outputs().stream().skip(1).allMatch(v -> v == null || v.isUnused());
    double[][] given = new double[5][];
    for (int i = 1; i < 5; i++) {
      Tensor tensor = types.tensor(node.input(i));
      if (tensor == null || tensor.size() != channels) {
        return null;
      }
      given[i] = Elements.doubles(tensor);
    }
    if (training || !onlyOne) {
      return null;
    }
    double epsilon = call.real("epsilon", 1e-5f);
    double[] scale = new double[channels];
    double[] shift = new double[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = given[1][c] / Math.sqrt(given[4][c] + epsilon);
      shift[c] = given[2][c] - given[3][c] * scale[c];
    }
    return new ChannelAffine(scale, shift);
  }

  private static ChannelAffine arithmetic(Node node, Value data, int axis, int channels, Types types) {
    boolean first = node.input(0) == data;
    Value other = node.input(first ? 1 : 0);
    Tensor tensor = types.tensor(other);
    if (other == data || tensor == null || !tensor.dtype().isFloating() || node.is("Div") && !first) {
      return null;
    }
    TensorType type = types.tensorType(data);
    double[] operand = perChannel(tensor, type.rank(), axis, channels);
    if (operand == null) {
      return null;
    }
    double[] ones = new double[channels];
    Arrays.fill(ones, node.is("Sub") && !first ? -1 : 1);
    return switch (node.operator()) {
      case "Mul" -> new ChannelAffine(operand, new double[channels]);
      case "Div" -> new ChannelAffine(map(operand, v -> 1 / v), new double[channels]);
      case "Add" -> new ChannelAffine(ones, operand);
      default -> new ChannelAffine(ones, first ? map(operand, v -> -v) : operand);
    };
  }

  private static double[] map(double[] values, DoubleUnaryOperator f) {
    return Arrays.stream(values).map(f).toArray();
  }

  /** A constant that broadcasts along the channel axis only, one number for each channel; else null. */
  private static double[] perChannel(Tensor tensor, int rank, int axis, int channels) {
    Shape shape = tensor.shape();
    if (shape.rank() > rank) {
      return null;
    }
    for (int i = 0; i < shape.rank(); i++) {
      int place = i + rank - shape.rank();
      if (shape.dim(i) != 1 && (place != axis || shape.dim(i) != channels)) {
        return null;
      }
    }
    double[] values = Elements.doubles(tensor);
    if (values.length == channels) {
      return values;
    }
    double[] repeated = new double[channels];
    Arrays.fill(repeated, values[0]);
    return repeated;
  }
}
