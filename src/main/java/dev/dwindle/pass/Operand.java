package dev.dwindle.pass;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.BlockLayout;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A constant FLOAT input of a layer: its weights.
 *
 * @param index which input of the node
 * @param reduced axis of the weights over which the layer sums; for Gather the axis of the rows' elements
 */
public record Operand(Node node, int index, int reduced) {
  /** Blocks of convolutions are at least so long; with fewer input channels an output channel is one block. */
  private static final int SHORTEST = 32;

  /** The constant weights of a node; none where it has none, or is no layer. */
  public static List<Operand> of(Node node) {
    if (!node.domain().isEmpty()) {
      return List.of();
    }
    return switch (node.operator()) {
      case "MatMul" -> IntStream.of(1, 0).mapToObj(i -> at(node, i, -1 - i)).flatMap(Stream::ofNullable).toList();
      case "Gemm" -> Stream.of(at(node, 1, flag(node, "transB") ? 1 : 0), at(node, 0, flag(node, "transA") ? 0 : 1))
          .flatMap(Stream::ofNullable).toList();
      case "Conv" -> Stream.ofNullable(at(node, 1, 1)).toList();
      case "ConvTranspose" -> Stream.ofNullable(at(node, 1, 0)).toList();
      case "Gather" -> Stream.ofNullable(at(node, 0, -1)).toList();
      case "LSTM", "GRU", "RNN" -> IntStream.of(1, 2).mapToObj(i -> at(node, i, 2)).flatMap(Stream::ofNullable)
          .toList();
      default -> List.of();
    };
  }

  /** Whether the operator is one that has weights, constant or not. */
  public static boolean isLayer(Node node) {
    return List.of("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN").contains(node.operator());
  }

  /** Why a layer has no weights that passes change. */
  public static String reasonForNone(Node node) {
    return node.inputs().stream().skip(1).filter(v -> v != null && v.isConstant() && v.tensor().shape().rank() > 1)
        .findFirst().map(v -> "its weights are " + v.tensor().dtype().text() + ", not float")
        .orElse("its weights are not constant");
  }

  /** The input as an operand, or null; a MatMul's second input is reduced along its last axis but one, and so on. */
  private static Operand at(Node node, int index, int axis) {
    Value value = node.input(index);
    if (value == null || !value.isConstant() || value.tensor().dtype() != DType.FLOAT
        || value.tensor().shape().rank() < 2 || value.tensor().size() == 0) {
      return null;
    }
    int rank = value.tensor().shape().rank();
    return new Operand(node, index, axis < 0 ? axis + rank : axis);
  }

  private static boolean flag(Node node, String attribute) {
    return new Call(node).flag(attribute, false);
  }

  /** The constant. */
  public Value weight() {
    return node.input(index);
  }

  /** Which weights share a scale: blocks of at most {@code group} along the reduced axis, or a channel where that is 0. */
  public BlockLayout layout(int group) {
    Shape shape = weight().tensor().shape();
    long length = shape.dim(reduced);
    int block = group == 0 ? 0 : BlockLayout.divisor(length, group);
    // An axis that only small numbers divide would get a scale for every few weights.
    long shortest = isConvolution() ? Math.min(group, SHORTEST) : Math.min(group / 4, length);
    return block < Math.max(1, shortest) ? channels(shape) : BlockLayout.blocks(shape, reduced, block);
  }

  /** Whether the weights are those of a convolution, {@code [outputs, inputs, kernel...]}. */
  public boolean isConvolution() {
    return node.is("Conv");
  }

  private BlockLayout channels(Shape shape) {
    if (isConvolution() || (shape.rank() == 2 && reduced == 1)) {
      return BlockLayout.perFirst(shape);
    }
    return shape.rank() == 2 ? BlockLayout.perLast(shape)
        : BlockLayout.blocks(shape, reduced, shape.intDim(reduced));
  }
}
