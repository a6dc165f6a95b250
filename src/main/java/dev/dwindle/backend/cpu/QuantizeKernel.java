package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.ByteLoops;
import dev.dwindle.backend.cpu.kernel.ByteSlice;
import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;

/**
 * QuantizeLinear and DequantizeLinear between FLOAT and 8 bits by constant scales, one or one for each index of an axis;
 * and the two in one, where nothing else reads the bytes.
 */
final class QuantizeKernel implements CpuKernel {
  /** Elements that one thread does at a time. */
  private static final int PIECE = 1 << 14;

  /**
   * Which elements have which scale.
   *
   * @param rows runs of elements of one scale
   * @param length elements of a run
   */
  private record Scaling(float[] scales, int[] zeros, int rows, int length) {
    static Scaling of(Node node) {
      Shape shape = Fused.shape(node.input(0));
      Value scale = node.input(1);
      if (scale.tensor().size() == 1) {
        return new Scaling(scale.tensor().floats(), Bytes.integers(node.input(2), 1), 1, shape.intSize());
      }
      int axis = axis(node, shape);
      float[] scales = scale.tensor().floats();
      return new Scaling(scales, Bytes.integers(node.input(2), scales.length),
          Math.toIntExact(shape.product(0, axis + 1)), Math.toIntExact(shape.product(axis + 1, shape.rank())));
    }

    int piecesOfRow() {
      return (length + PIECE - 1) / PIECE;
    }
  }

  @Override
  public String name() {
    return "quantize";
  }

  @Override
  public boolean matches(Node node) {
    boolean quantize = node.is("QuantizeLinear") && Fused.isFloat(node.input(0)) && Bytes.is(node.output());
    boolean dequantize = node.is("DequantizeLinear") && Bytes.is(node.input(0)) && Fused.isFloat(node.output());
    return isRoundTrip(node) || ((quantize || dequantize) && isPlain(node));
  }

  private static boolean isRoundTrip(Node node) {
    return Fused.isFused(node) && node.operator().equals(RoundTripFusion.OPERATOR);
  }

  /** Whether scales and zero points are constants of a simple form. */
  static boolean isPlain(Node node) {
    Call call = new Call(node);
    Shape shape = Fused.shape(node.input(0));
    if (call.integer("block_size", 0) != 0 || call.integer("precision", 0) != 0) {
      return false;
    }
    int count = shape.rank() == 0 ? 1 : shape.intDim(axis(node, shape));
    Value zero = node.input(2);
    float[] scales = Bytes.scales(node.input(1), count);
    return scales != null && (zero == null || (zero.isConstant() && Bytes.of(zero.tensor().dtype())
        && zero.tensor().size() == scales.length));
  }

  private static int axis(Node node, Shape shape) {
    Call call = new Call(node);
    return shape.rank() == 1 ? 0 : call.axis(call.integer("axis", 1), shape.rank());
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Scaling scaling = Scaling.of(node);
    Place from = planning.place(node.input(0));
    Place to = planning.place(node.output());
    boolean signed = isRoundTrip(node) ? node.input(2) != null && Bytes.signed(node.input(2))
        : Bytes.signed(node.is("QuantizeLinear") ? node.output() : node.input(0));
    int pieces = scaling.rows() * scaling.piecesOfRow();
    return memory -> {
      Loop loop = loop(node, memory, from, to, signed);
      Workers.Task task = (piece, local) -> run(scaling, piece, loop);
      return workers -> workers.run(pieces, task);
    };
  }

  /** A run of elements of one scale. */
  @FunctionalInterface
  private interface Loop {
    void run(int from, int n, float scale, int zero);
  }

  private static Loop loop(Node node, Memory memory, Place from, Place to, boolean signed) {
    if (isRoundTrip(node)) {
      Slice x = memory.slice(from);
      Slice y = memory.slice(to);
      return (at, n, scale, zero) -> ByteLoops.roundTrip(x, y, at, n, scale, zero, signed);
    }
    if (node.is("QuantizeLinear")) {
      Slice x = memory.slice(from);
      ByteSlice y = Bytes.slice(memory, to, signed);
      return (at, n, scale, zero) -> ByteLoops.quantize(x, y, at, n, scale, zero);
    }
    ByteSlice x = Bytes.slice(memory, from, signed);
    Slice y = memory.slice(to);
    return (at, n, scale, zero) -> ByteLoops.dequantize(x, y, at, n, scale, zero);
  }

  private static void run(Scaling scaling, int piece, Loop loop) {
    int row = piece / scaling.piecesOfRow();
    int at = piece % scaling.piecesOfRow() * PIECE;
    int i = row % scaling.scales().length;
    loop.run(row * scaling.length() + at, Math.min(PIECE, scaling.length() - at), scaling.scales()[i],
        scaling.zeros()[i]);
  }
}
