package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.GemmAttributes;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/** MatMul and Gemm of numbers that are 8-bit integers behind DequantizeLinear, with what follows until they are integers again. */
final class DequantizedProductKernel implements Dequantized.OfDequantized {
  private static final Kernel KERNEL = new Kernel("integer", "product_integer");

  @Override
  public boolean matches(Node node) {
    if (!Typed.is(node, "MatMul") && !Typed.is(node, "Gemm") || !Typed.mayBe(node.output(), DType.FLOAT)) return false;
    Dequantized a = Dequantized.of(node.input(0));
    Dequantized b = Dequantized.of(node.input(1));
    boolean transposed = Typed.is(node, "Gemm") && GemmAttributes.of(new Call(node)).transposeB();
    return a != null && b != null && a.isSingle() && b.follows(transposed ? 0 : 1, 2)
        && (node.input(2) == null || isRow(node.input(2)));
  }

  /** Whether a constant, or what will be one, has one number for all columns or one for each. */
  private static boolean isRow(Value added) {
    Node maker = added.producer();
    boolean folded = maker != null && Typed.is(maker, "DequantizeLinear") && maker.input(0).isConstant();
    Tensor tensor = added.isConstant() ? added.tensor() : folded ? maker.input(0).tensor() : null;
    return tensor != null && (folded || tensor.dtype() == DType.FLOAT)
        && (tensor.shape().rank() < 2 || tensor.shape().dim(0) == 1);
  }

  @Override
  public void plan(Node node, Planning planning) {
    Dequantized a = Dequantized.of(node.input(0));
    Dequantized b = Dequantized.of(node.input(1));
    Dequantized.Ending ending = Dequantized.Ending.of(node, planning);
    GemmAttributes gemm = Typed.is(node, "Gemm") ? GemmAttributes.of(new Call(node))
        : new GemmAttributes(1, 0, false, false);
    Stacks stacks = Stacks.of(turned(Typed.shape(a.integers()), gemm.transposeA()),
        turned(Typed.shape(b.integers()), gemm.transposeB()));
    Value bias = node.input(2);
    Arguments arguments = new Arguments().at(planning.place(a.integers())).at(planning.place(b.integers()))
        .at(planning.place(a.zero())).at(planning.place(b.zero())).at(planning.place(ending.result()))
        .struct(stacks.rows(), stacks.inner(), stacks.columns(), gemm.transposeA() ? 1 : stacks.inner(),
            gemm.transposeA() ? stacks.rows() : 1, gemm.transposeB() ? 1 : stacks.columns(),
            gemm.transposeB() ? stacks.inner() : 1)
        .struct(stacks.axes().struct())
        .struct(IntegerSides.flip(a.integers()), IntegerSides.flip(b.integers()), 0, b.step(), 0,
            b.step())
        .at(planning.place(a.scale())).at(planning.place(b.scale())).at(planning.place(bias));
    boolean single = bias == null || Typed.shape(bias).size() == 1;
    ending.scale(arguments, planning).struct(ending.struct(gemm.alpha(), gemm.beta(), 0, single ? 0 : 1));
    planning.launch(KERNEL, Tiles.grid(stacks.matrices(), stacks.rows(), stacks.columns()), arguments);
  }

  private static Shape turned(Shape shape, boolean turned) {
    return turned ? Shape.of(shape.dim(1), shape.dim(0)) : shape;
  }
}
