package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;

/**
 * One side of a product of numbers that are 8-bit integers behind a DequantizeLinear, so that the integers can be multiplied in their place.
 *
 * @param integers that are dequantized
 * @param scale a constant
 * @param zero a constant of as many numbers as the scale; null where all zero points are 0
 * @param axis which the scales follow; -1 where there is one scale
 */
record Dequantized(Value integers, Value scale, Value zero, int axis) {
  /** What stands behind a value, or null where that is something else, or of a form that products of integers do not take. */
  static Dequantized of(Value value) {
    Node node = value == null ? null : value.producer();
    if (node == null || !Typed.is(node, "DequantizeLinear")) return null;
    Value integers = node.input(0);
    Value scale = node.input(1);
    Value zero = node.input(2);
    boolean constant = scale.isConstant() && scale.tensor().dtype() == DType.FLOAT && (zero == null
        || zero.isConstant() && zero.tensor().size() == scale.tensor().size());
    boolean bytes = IntegerSides.isByte(integers) && (zero == null || isByte(zero.tensor().dtype()))
        && (!integers.isConstant() || isByte(integers.tensor().dtype()));
    Call call = new Call(node);
    if (!constant || !bytes || call.integer("block_size", 0) != 0 || call.integer("output_dtype", 0) > 1) return null;
    if (scale.tensor().size() == 1) return new Dequantized(integers, scale, zero, -1);
    if (!integers.isConstant()) return null;
    int rank = integers.tensor().shape().rank();
    if (rank < 2) return null;
    return new Dequantized(integers, scale, zero, call.axis(call.integer("axis", 1), rank));
  }

  private static boolean isByte(DType dtype) {
    return dtype == DType.INT8 || dtype == DType.UINT8;
  }

  /** Whether there is one scale for all. */
  boolean isSingle() { return axis < 0; }

  /** Whether scales follow this axis of constants of so many axes, or there is one for all. */
  boolean follows(int of, int rank) {
    return isSingle() || axis == of && integers.tensor().shape().rank() == rank;
  }

  /** How far neighbouring scales lie apart, and neighbouring zero points. */
  int step() {
    return isSingle() ? 0 : 1;
  }

  /** Whether a node gives numbers to a product that takes the integers in their place. */
  static boolean isForProducts(Node node) {
    return Typed.is(node, "DequantizeLinear")
        && node.output().uses().stream().anyMatch(use -> isTaken(use));
  }

  /** Whether all that reads what a node gives takes the integers in its place. */
  static boolean isForProductsOnly(Node node) {
    return Typed.is(node, "DequantizeLinear") && !node.output().isUnused() && !node.output().isGraphOutput()
        && node.output().uses().stream().allMatch(use -> isTaken(use));
  }

  private static boolean isTaken(Use use) {
    return use.index() < 2 && CudaKernels.find(use.node()) instanceof OfDequantized;
  }

  /** Of kernels that read integers in place of numbers. */
  interface OfDequantized extends CudaKernel {}

  /**
   * What follows a product and is done with it: perhaps a Relu, and perhaps a QuantizeLinear by one scale.
   *
   * @param result what is there in the end
   * @param quantize null where numbers are wanted
   */
  record Ending(Value result, boolean relu, Node quantize) {
    static Ending of(Node product, Planning planning) {
      Value result = product.output();
      Node next = next(result);
      boolean relu = next != null && Typed.is(next, "Relu");
      if (relu) {
        planning.include(next);
        result = next.output();
        next = next(result);
      }
      if (next == null || !isPlain(next, planning)) return new Ending(result, relu, null);
      planning.include(next);
      return new Ending(next.output(), relu, next);
    }

    private static Node next(Value value) {
      return value.isGraphOutput() || value.uses().size() != 1 || value.uses().getFirst().index() != 0 ? null
          : value.uses().getFirst().node();
    }

    private static boolean isPlain(Node node, Planning planning) {
      if (!QuantizeKernel.isToBytes(node)) return false;
      Value scale = node.input(1);
      Value zero = node.input(2);
      return planning.isThere(scale) && Typed.shape(scale).size() == 1
          && (zero == null || planning.isThere(zero) && Typed.shape(zero).size() == 1);
    }

    /** Adds the addresses of scale and zero point. */
    Arguments scale(Arguments arguments, Planning planning) {
      return arguments.at(quantize == null ? null : planning.place(quantize.input(1)))
          .at(quantize == null ? null : planning.place(quantize.input(2)));
    }

    /** The struct of the same name; parameters as those of {@link IntegerSides#ending}. */
    int[] struct(float alpha, float beta, int biasDown, int biasAlong) {
      int flip = quantize == null ? 0 : IntegerSides.flip(result);
      return IntegerSides.ending(IntegerSides.Kind.NUMBERS, relu, flip, alpha, beta, biasDown, biasAlong);
    }
  }
}
