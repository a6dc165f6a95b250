package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Finish;
import dev.dwindle.backend.cpu.kernel.MatMul;
import dev.dwindle.backend.cpu.kernel.SharedPanels;
import dev.dwindle.backend.cpu.kernel.SparseMatMul;
import dev.dwindle.backend.cpu.kernel.SparseRows;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.MatMulGeometry;
import dev.dwindle.tensor.Shape;

/** MatMul, stacked or not; fused, its inputs are left, right, bias (one float a column), residual. */
final class MatMulKernel implements CpuKernel {
  @Override
  public String name() {
    return "matrix product";
  }

  @Override
  public boolean matches(Node node) {
    return Fused.is(node, "MatMul") && Fused.isFloat(node.input(0)) && Fused.isFloat(node.input(1))
        && Fused.size(node.output()) > 0 && Fused.size(node.input(0)) > 0
        && (node.input(2) == null || node.input(2).isConstant());
  }

  @Override
  public String name(Node node, Planning planning) {
    MatMulGeometry geometry = geometry(node);
    if (shared(node, shape(node, geometry), left(node, geometry), planning) != null) return SharedPanels.NAME;
    return sparsity(node, shape(node, geometry(node)), planning).words(name());
  }

  private static Sparsity sparsity(Node node, MatMul.Shape shape, Planning planning) {
    boolean flat = matrix(Fused.shape(node.input(1)));
    return Sparsity.of(node.input(1), flat ? SparseMatMul.worth(shape) : 2, planning);
  }

  private static MatMulGeometry geometry(Node node) {
    return MatMulGeometry.of(new Call(node), Fused.shape(node.input(0)), Fused.shape(node.input(1)));
  }

  /** A stack on the left over one matrix on the right is one taller matrix. */
  private static MatMul.Shape shape(Node node, MatMulGeometry geometry) {
    boolean flat = matrix(Fused.shape(node.input(1)));
    return new MatMul.Shape(flat ? 1 : geometry.aOffsets().length,
        flat ? Fused.size(node.output()) / geometry.columns() : geometry.rows(), geometry.columns(), geometry.inner());
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Value b = node.input(1);
    MatMulGeometry geometry = geometry(node);
    MatMul.Shape shape = shape(node, geometry);
    Finish finish = new Finish(node.input(2) == null ? null : node.input(2).tensor().floats(),
        Fused.activation(node));
    boolean flat = matrix(Fused.shape(b));
    MatMul.Layout left = left(node, geometry);
    MatMul.Layout right = new MatMul.Layout(geometry.columns(), 1, flat ? new int[1] : geometry.bOffsets());
    Place from = planning.place(node.input(0));
    Place residual = node.input(3) == null ? null : planning.place(node.input(3));
    Place to = planning.place(node.output());
    if (sparsity(node, shape, planning).pays()) {
      SparseRows rows = planning.constants().packed(b.tensor(), "not zero " + shape.n(),
          () -> SparseMatMul.weights(shape.k(), shape.n(), right, b.tensor().floats()));
      SparseMatMul product = SparseMatMul.of(shape, left, finish, rows);
      Buffer scratch = planning.scratch(Store.FLOATS, product.scratch());
      return memory -> product.on(memory.slice(from), memory.slice(to), memory.slice(residual), memory.slice(scratch));
    }
    MatMul.Layout out = new MatMul.Layout(geometry.columns(), 1, starts(shape.batch(), shape.m() * shape.n()));
    boolean packed = flat && b.isConstant();
    SharedPanels shared = shared(node, shape, left, planning);
    MatMul product = shared != null ? MatMul.withShared(shape, left, right, out, finish, shared)
        : packed ? MatMul.withPacked(shape, left, right, out, finish, packed(b, shape, right, planning))
            : MatMul.of(shape, left, right, out, finish);
    Place second = packed ? null : planning.place(b);
    Buffer scratch = planning.scratch(Store.FLOATS, product.scratch());
    return memory -> product.on(memory.slice(from), memory.slice(second), memory.slice(to), memory.slice(residual),
        memory.slice(scratch));
  }

  private static MatMul.Layout left(Node node, MatMulGeometry geometry) {
    boolean flat = matrix(Fused.shape(node.input(1)));
    return new MatMul.Layout(geometry.inner(), 1, flat ? new int[1] : geometry.aOffsets());
  }

  /** The right operand where it is constant and of a few values, and the product gains by it; else null. */
  private static SharedPanels shared(Node node, MatMul.Shape shape, MatMul.Layout left, Planning planning) {
    Value b = node.input(1);
    if (!b.isConstant() || !matrix(Fused.shape(b)) || !SharedPanels.worth(shape, left)) return null;
    MatMul.Layout right = MatMul.Layout.rowMajor(shape.n());
    return planning.constants().shared(b.tensor(), "right " + shape.n(),
        () -> SharedPanels.of(shape.k(), shape.n(), right, b.tensor().floats()));
  }

  private static float[] packed(Value b, MatMul.Shape shape, MatMul.Layout layout, Planning planning) {
    return planning.constants().packed(b.tensor(), "right " + shape.n(),
        () -> MatMul.packed(shape.k(), shape.n(), layout, b.tensor().floats()));
  }

  private static boolean matrix(Shape shape) {
    return shape.rank() <= 2 || shape.product(0, shape.rank() - 2) == 1;
  }

  static int[] starts(int count, int step) {
    int[] starts = new int[count];
    for (int i = 0; i < count; i++) {
      starts[i] = i * step;
    }
    return starts;
  }
}
