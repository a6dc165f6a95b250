package dev.dwindle.pass.quantize;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A node that is to run between Q/DQ pairs.
 *
 * @param activations indices of inputs that get a Q/DQ pair
 * @param weight index of the constant input stored as INT8, or -1
 * @param bias index of the constant input stored as INT32, or -1
 * @param channelAxis axis of the weight that counts output channels, or -1 where it has none
 */
record Layer(Node node, List<Integer> activations, int weight, int bias, int channelAxis) {
  /** A node as a layer, or the reason why it cannot be one. */
  sealed interface Answer {}

  record Quantizable(Layer layer) implements Answer {}

  record Refused(String reason) implements Answer {}

  static Answer of(Node node) {
    Answer answer = answer(node);
    boolean damaged = answer instanceof Quantizable q
        && q.layer().activations().stream().anyMatch(i -> node.input(i) == null);
    return damaged ? new Refused("an input is missing") : answer;
  }

  private static Answer answer(Node node) {
    return switch (node.operator()) {
      case "Conv" -> weighted(node, 0);
      case "ConvTranspose" -> weighted(node, integer(node, "group", 1) == 1 ? 1 : -1);
      case "Gemm" -> gemm(node);
      case "MatMul" -> matMul(node);
      default -> activationsOnly(node);
    };
  }

  private static Answer weighted(Node node, int axis) {
    if (!isFloatConstant(node.input(1))) {
      return new Refused("its weights are not constant");
    }
    return new Quantizable(new Layer(node, List.of(0), 1, biasIndex(node, axis), axis));
  }

  private static Answer gemm(Node node) {
    if (isFloatConstant(node.input(0)) || !isFloatConstant(node.input(1))) {
      return new Refused("only its second input may be constant");
    }
    boolean plain = real(node, "alpha") == 1 && real(node, "beta") == 1;
    int axis = integer(node, "transB", 0) == 1 ? 0 : 1;
    return new Quantizable(new Layer(node, List.of(0), 1, plain ? biasIndex(node, axis) : -1, axis));
  }

  private static Answer matMul(Node node) {
    Value a = node.input(0);
    Value b = node.input(1);
    if (isFloatConstant(b)) {
      int rank = b.tensor().shape().rank();
      return new Quantizable(new Layer(node, List.of(0), 1, -1, rank == 2 ? 1 : -1));
    }
    return isFloatConstant(a)
        ? new Quantizable(new Layer(node, List.of(1), 0, -1, -1))
        : new Quantizable(new Layer(node, List.of(0, 1), -1, -1, -1));
  }

  private static Answer activationsOnly(Node node) {
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.input(i) == null || node.input(i).isConstant()) {
        return new Refused("an input is constant, so there is nothing to gain");
      }
      if (isOfShapesAlone(node.input(i), new HashSet<>())) {
        return new Refused("an input is constant once shapes are known, so there is nothing to gain");
      }
      indices.add(i);
    }
    return new Quantizable(new Layer(node, indices, -1, -1, -1));
  }

  /** Whether a value, such as embedded positions, depends on shapes and on no data. OpenVINO's passes fail where such an input of Add is quantized. */
  private static boolean isOfShapesAlone(Value value, Set<Value> seen) {
    if (value == null || value.isConstant() || !seen.add(value)) return true;
    Node producer = value.producer();
    if (producer == null || !producer.subgraphs().isEmpty()) return false;
    return producer.is("Shape") || producer.is("Size")
        || producer.inputs().stream().allMatch(input -> isOfShapesAlone(input, seen));
  }

  /** A bias has one number for each output channel; one that is broadcast stays in floating point. */
  private static int biasIndex(Node node, int channelAxis) {
    Value bias = node.input(2);
    long channels = channelAxis < 0 ? -1 : node.input(1).tensor().shape().dim(channelAxis);
    boolean along = isFloatConstant(bias) && bias.tensor().shape().rank() == 1 && bias.tensor().size() == channels;
    return along ? 2 : -1;
  }

  private static boolean isFloatConstant(Value value) {
    return value != null && value.isConstant() && value.tensor().dtype() == DType.FLOAT;
  }

  private static long integer(Node node, String attribute, long otherwise) {
    return new Call(node).integer(attribute, otherwise);
  }

  private static float real(Node node, String attribute) {
    return new Call(node).real(attribute, 1);
  }
}
