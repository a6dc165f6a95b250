package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.op.Scales;
import dev.dwindle.tensor.Shape;

/**
 * Which elements of input 0 have which scale of input 1, by attributes {@code axis} and {@code block_size}.
 *
 * @param axis its size; 0 where there is one scale for all
 * @param block how many along the axis share a scale; 0 where each has its own, the same for all neighbours
 * @param inner neighbours behind the axis
 */
record Scaling(int axis, int block, int inner) {
  /**
   * Of a node whose scales and zero points have the shapes that it asks for.
   *
   * @throws ArithmeticException where there are more elements than the kernels count
   */
  static Scaling of(Node node) {
    Shape shape = Typed.shape(node.input(0));
    Shape scale = Typed.shape(node.input(1));
    Math.toIntExact(shape.size());
    Call call = new Call(node);
    Scales scales = Scales.of(call, shape, scale);
    if (node.input(2) != null) Scales.requireZeroPoints(call, scale, Typed.shape(node.input(2)));
    if (scale.size() == 1) return new Scaling(0, 0, 1);
    return new Scaling(scales.axisSize(), scales.step() == 0 ? 0 : scales.blockSize(), scales.length());
  }

  /** How many scales there are, but for those of blocks. */
  int scales() {
    return Math.max(1, axis);
  }

  /** The struct {@code Scales} of {@code scales.cuh}. */
  int[] struct() {
    return new int[] {axis, block, block == 0 ? 0 : Math.ceilDiv(axis, block), inner, step()};
  }

  /** From the scale of one of four neighbours to that of the next; -1 where that depends on which they are. */
  private int step() {
    if (axis == 0) return 0;
    if (inner % 4 == 0) return block == 0 ? 0 : 1;
    if (inner != 1 || axis % 4 != 0) return -1;
    return block == 0 ? 1 : block % 4 == 0 ? 0 : -1;
  }
}
