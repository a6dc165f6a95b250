package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Activation;
import dev.dwindle.backend.cpu.kernel.Finish;
import dev.dwindle.backend.cpu.kernel.MatMul;
import dev.dwindle.backend.cpu.kernel.SharedPanels;
import dev.dwindle.backend.cpu.kernel.SparseMatMul;
import dev.dwindle.backend.cpu.kernel.SparseRows;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/** Gemm with a C of one row; alpha and beta go into constants. */
final class GemmKernel implements CpuKernel {
  @Override
  public String name() {
    return "matrix product";
  }

  @Override
  public String name(Node node, Planning planning) {
    if (shared(node, shape(node), planning) != null) return SharedPanels.NAME;
    return sparsity(node, shape(node), planning).words(name());
  }

  private static Sparsity sparsity(Node node, MatMul.Shape shape, Planning planning) {
    return Sparsity.of(node.input(1), SparseMatMul.worth(shape), planning);
  }

  private static MatMul.Shape shape(Node node) {
    Shape result = Fused.shape(node.output());
    Shape a = Fused.shape(node.input(0));
    int k = a.intDim(new Call(node).flag("transA", false) ? 0 : 1);
    return new MatMul.Shape(1, result.intDim(0), result.intDim(1), k);
  }

  @Override
  public boolean matches(Node node) {
    if (!Fused.is(node, "Gemm") || !Fused.isFloat(node.input(0)) || !Fused.isFloat(node.input(1))
        || Fused.shape(node.input(0)).rank() != 2 || Fused.size(node.output()) == 0
        || Fused.size(node.input(0)) == 0) {
      return false;
    }
    Call call = new Call(node);
    Value c = node.input(2);
    boolean scalable = call.real("alpha", 1) == 1 || node.input(1).isConstant();
    return scalable && (c == null || (Fused.isFloat(c) && isRow(c, call, Fused.shape(node.output()))));
  }

  /** Whether C broadcasts along the rows: one float for all, or one a column; computed, it must be what is added. */
  private static boolean isRow(Value c, Call call, Shape result) {
    Shape shape = Fused.shape(c);
    boolean whole = shape.size() == result.dim(1) && shape.rank() > 0 && shape.dim(-1) == result.dim(1);
    return c.isConstant() ? whole || shape.size() == 1 : whole && call.real("beta", 1) == 1;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Call call = new Call(node);
    Shape a = Fused.shape(node.input(0));
    Shape b = Fused.shape(node.input(1));
    Shape result = Fused.shape(node.output());
    boolean transposeA = call.flag("transA", false);
    boolean transposeB = call.flag("transB", false);
    MatMul.Shape shape = shape(node);
    Value c = node.input(2);
    LiveBias bias = c == null || c.isConstant() ? new LiveBias(bias(node, call, result.intDim(1)), 0, null)
        : LiveBias.of(c, planning);
    Activation activation = Fused.activation(node);
    MatMul.Layout left = layout(a, transposeA);
    MatMul.Layout right = layout(b, transposeB);
    MatMul.Layout out = MatMul.Layout.rowMajor(result.intDim(1));
    Place from = planning.place(node.input(0));
    Place residual = node.input(3) == null ? null : planning.place(node.input(3));
    Place to = planning.place(node.output());
    boolean constant = node.input(1).isConstant();
    if (sparsity(node, shape, planning).pays()) {
      SparseRows rows = sparse(node.input(1).tensor(), call, shape, right, planning);
      LiveBias.Making<SparseMatMul> make = offsets -> SparseMatMul.of(shape, left, new Finish(offsets, activation),
          rows);
      Buffer scratch = planning.scratch(Store.FLOATS, make.with(null).scratch());
      return bias.binding(make, (product, memory) -> product.on(memory.slice(from), memory.slice(to),
          memory.slice(residual), memory.slice(scratch)));
    }
    SharedPanels shared = shared(node, shape, planning);
    float[] packed = constant && shared == null ? packed(node.input(1).tensor(), call, shape, right, planning) : null;
    LiveBias.Making<MatMul> make = offsets -> {
      Finish finish = new Finish(offsets, activation);
      if (shared != null) return MatMul.withShared(shape, left, right, out, finish, shared);
      return constant ? MatMul.withPacked(shape, left, right, out, finish, packed)
          : MatMul.of(shape, left, right, out, finish);
    };
    Place second = constant ? null : planning.place(node.input(1));
    Buffer scratch = planning.scratch(Store.FLOATS, make.with(null).scratch());
    return bias.binding(make, (product, memory) -> product.on(memory.slice(from), memory.slice(second),
        memory.slice(to), memory.slice(residual), memory.slice(scratch)));
  }

  /** The right operand where it is constant and of a few values, and the product gains by it; else null. */
  private static SharedPanels shared(Node node, MatMul.Shape shape, Planning planning) {
    Call call = new Call(node);
    MatMul.Layout left = layout(Fused.shape(node.input(0)), call.flag("transA", false));
    if (!node.input(1).isConstant() || !SharedPanels.worth(shape, left)) return null;
    float alpha = call.real("alpha", 1);
    Tensor b = node.input(1).tensor();
    MatMul.Layout right = layout(b.shape(), call.flag("transB", false));
    return planning.constants().shared(b, form(shape, right, alpha),
        () -> SharedPanels.of(shape.k(), shape.n(), right, scaled(b, alpha)));
  }

  private static float[] packed(Tensor b, Call call, MatMul.Shape shape, MatMul.Layout layout, Planning planning) {
    float alpha = call.real("alpha", 1);
    return planning.constants().packed(b, "right " + form(shape, layout, alpha),
        () -> MatMul.packed(shape.k(), shape.n(), layout, scaled(b, alpha)));
  }

  /** Tells apart how a matrix is read: a column and a row of one tensor have the same strides. */
  private static String form(MatMul.Shape shape, MatMul.Layout layout, float alpha) {
    return shape.k() + " " + shape.n() + " " + layout.rowStride() + " " + layout.columnStride() + " " + alpha;
  }

  private static SparseRows sparse(Tensor b, Call call, MatMul.Shape shape, MatMul.Layout layout, Planning planning) {
    float alpha = call.real("alpha", 1);
    return planning.constants().packed(b, "not zero " + form(shape, layout, alpha),
        () -> SparseMatMul.weights(shape.k(), shape.n(), layout, scaled(b, alpha)));
  }

  private static MatMul.Layout layout(Shape shape, boolean transposed) {
    int columns = shape.intDim(1);
    return transposed ? MatMul.Layout.transposed(columns) : MatMul.Layout.rowMajor(columns);
  }

  private static float[] bias(Node node, Call call, int columns) {
    if (node.input(2) == null) {
      return null;
    }
    float[] c = scaled(node.input(2).tensor(), call.real("beta", 1));
    float[] bias = new float[columns];
    for (int i = 0; i < columns; i++) {
      bias[i] = c[c.length == 1 ? 0 : i];
    }
    return bias;
  }

  private static float[] scaled(Tensor tensor, float factor) {
    float[] values = tensor.floats();
    for (int i = 0; factor != 1 && i < values.length; i++) {
      values[i] *= factor;
    }
    return values;
  }
}
