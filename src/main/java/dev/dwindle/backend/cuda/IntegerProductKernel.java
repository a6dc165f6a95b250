package dev.dwindle.backend.cuda;

import dev.dwindle.backend.cuda.IntegerSides.Kind;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Shape;

/** MatMulInteger and QLinearMatMul. */
final class IntegerProductKernel implements CudaKernel {
  private static final String FILE = "integer";

  @Override
  public boolean matches(Node node) {
    if (Typed.is(node, "MatMulInteger")) {
      return IntegerSides.isByte(node.input(0)) && IntegerSides.isByte(node.input(1))
          && IntegerSides.isZero(node.input(2)) && IntegerSides.isZero(node.input(3));
    }
    return Typed.is(node, "QLinearMatMul") && IntegerSides.isFloat(node, 1, 4, 6) && IntegerSides.isByte(node.input(0))
        && IntegerSides.isByte(node.input(3)) && IntegerSides.isByte(node.input(7));
  }

  @Override
  public void plan(Node node, Planning planning) {
    boolean quantized = node.operator().equals("QLinearMatMul");
    Value a = node.input(0);
    Value b = node.input(quantized ? 3 : 1);
    Value zeroA = node.input(2);
    Value zeroB = node.input(quantized ? 5 : 3);
    Value scaleA = quantized ? node.input(1) : null;
    Value scaleB = quantized ? node.input(4) : null;
    Stacks stacks = Stacks.of(Typed.shape(a), Typed.shape(b));
    int[] sides = {IntegerSides.flip(a), IntegerSides.flip(b),
        IntegerSides.step(zeroA, stacks.rows()), IntegerSides.step(zeroB, stacks.columns()),
        IntegerSides.step(scaleA, stacks.rows()), IntegerSides.step(scaleB, stacks.columns())};
    Arguments arguments = new Arguments().at(planning.place(a)).at(planning.place(b)).at(planning.place(zeroA))
        .at(planning.place(zeroB)).at(planning.place(node.output()))
        .struct(stacks.rows(), stacks.inner(), stacks.columns(), stacks.inner(), 1, stacks.columns(), 1)
        .struct(stacks.axes().struct()).struct(sides);
    Value scaleY = quantized ? node.input(6) : null;
    Value zeroY = quantized ? node.input(7) : null;
    IntegerSides.requireSingle(scaleY);
    IntegerSides.requireSingle(zeroY);
    arguments.at(planning.place(scaleA)).at(planning.place(scaleB)).at(null).at(planning.place(scaleY))
        .at(planning.place(zeroY)).struct(IntegerSides.ending(quantized ? Kind.QUANTIZED : Kind.SUMS, false,
            quantized ? IntegerSides.flip(node.output()) : 0, 1, 0, 0, 0));
    planning.launch(new Kernel(FILE, "product_integer"),
        Tiles.grid(stacks.matrices(), stacks.rows(), stacks.columns()), arguments);
  }
}
