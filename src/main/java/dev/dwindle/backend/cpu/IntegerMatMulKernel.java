package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.IntegerMatMul;
import dev.dwindle.backend.cpu.kernel.MatMul;
import dev.dwindle.backend.cpu.kernel.Requantization;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.MatMulGeometry;

/** MatMulInteger and QLinearMatMul, stacked or not. */
final class IntegerMatMulKernel implements CpuKernel {
  @Override
  public String name() {
    return "integer matrix product";
  }

  @Override
  public boolean matches(Node node) {
    boolean linear = node.is("QLinearMatMul");
    if (!(linear || node.is("MatMulInteger")) || !Bytes.is(node.input(0)) || !Bytes.is(right(node))
        || Fused.type(node.output()) == null || Fused.size(node.output()) == 0) {
      return false;
    }
    MatMulGeometry geometry = geometry(node);
    Value rightZero = rightZero(node);
    boolean zeros = Bytes.areZeros(node.input(2), geometry.rows()) && Bytes.areZeros(rightZero, geometry.columns())
        && (!right(node).isConstant() || rightZero == null || rightZero.isConstant());
    return zeros && (!linear || isRequantized(node, geometry.columns()));
  }

  private static boolean isRequantized(Node node, int columns) {
    Value zero = node.input(7);
    return Bytes.scales(node.input(1), 1) != null && Bytes.scales(node.input(4), columns) != null
        && Bytes.scales(node.input(6), 1) != null && zero != null && zero.isConstant() && zero.tensor().size() == 1
        && Bytes.of(zero.tensor().dtype());
  }

  private static Value right(Node node) {
    return node.input(node.is("QLinearMatMul") ? 3 : 1);
  }

  private static Value rightZero(Node node) {
    return node.input(node.is("QLinearMatMul") ? 5 : 3);
  }

  private static MatMulGeometry geometry(Node node) {
    return MatMulGeometry.of(new Call(node), Fused.shape(node.input(0)), Fused.shape(right(node)));
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Value right = right(node);
    MatMulGeometry geometry = geometry(node);
    boolean oneZero = node.input(2) == null || Fused.size(node.input(2)) == 1;
    // A stack on the left over one matrix on the right is one taller matrix.
    boolean flat = Fused.size(right) == geometry.inner() * geometry.columns() && oneZero;
    int batch = flat ? 1 : geometry.aOffsets().length;
    int rows = Fused.size(node.output()) / geometry.columns() / batch;
    MatMul.Shape shape = new MatMul.Shape(batch, rows, geometry.columns(), geometry.inner());
    MatMul.Layout a = new MatMul.Layout(geometry.inner(), 1, flat ? new int[1] : geometry.aOffsets());
    MatMul.Layout b = new MatMul.Layout(geometry.columns(), 1, flat ? new int[1] : geometry.bOffsets());
    boolean constant = flat && right.isConstant();
    IntegerMatMul product = constant
        ? IntegerMatMul.withWeights(shape, a, b, Bytes.constant(right, rightZero(node)))
        : IntegerMatMul.of(shape, a, b);
    Bytes.Operand left = Bytes.Operand.of(planning, node.input(0), node.input(2));
    Bytes.Operand second = constant ? null : Bytes.Operand.of(planning, right, rightZero(node));
    Place result = planning.place(node.output());
    Buffer scratch = planning.scratch(Store.FLOATS, product.scratch());
    if (node.is("MatMulInteger")) {
      return memory -> product.on(left.in(memory), second == null ? null : second.in(memory),
          Bytes.ints(memory, result), memory.slice(scratch));
    }
    Requantization scales = IntegerConvKernel.requantization(node, 8);
    return memory -> product.on(left.in(memory), second == null ? null : second.in(memory),
        Bytes.slice(memory, result, scales.signed()), scales, memory.slice(scratch));
  }
}
