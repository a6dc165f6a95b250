package dev.dwindle.backend.cuda;

import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.op.ConvGeometry;
import dev.dwindle.op.GemmAttributes;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** MatMul and Gemm of FLOAT, FLOAT16 or BFLOAT16. */
final class ProductKernel implements CudaKernel {
  /** A matrix in memory: how far neighbours in a column and in a row lie apart. */
  private record Steps(int down, int right) {
    static Steps of(int columns, boolean transposed) {
      return transposed ? new Steps(1, columns) : new Steps(columns, 1);
    }
  }

  /** Numbers of 16 bits that {@code gemm.cu} brings together. */
  private static final int RUN = 8;
  /** Of a tile of {@code gemm.cu}; smaller products are not worth a call of the library's either. */
  private static final int HALF_A_TILE = 64;

  private record Sizes(int rows, int inner, int columns) {}

  /** {@code y = alpha a b + beta c}; {@code c} may be null. */
  private record Operands(Place a, Place b, Place c, Place y, float alpha, float beta) {}

  @Override
  public boolean matches(Node node) {
    return (Typed.is(node, "MatMul") || Typed.is(node, "Gemm")) && Typed.areReal(Typed.values(node));
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    if (Typed.is(node, "Gemm")) gemm(node, planning);
    else
      stack(node, planning);
  }

  private static void gemm(Node node, Planning planning) {
    Call call = new Call(node);
    GemmAttributes gemm = GemmAttributes.of(call);
    Shape a = Typed.shape(node.input(0));
    Shape b = Typed.shape(node.input(1));
    int[] sizes = gemm.sizes(call, a, b);
    Shape output = Typed.shape(node.output());
    Steps added = new Steps(0, 0);
    if (node.input(2) != null) {
      Shape c = Typed.shape(node.input(2));
      added = new Steps(c.rank() == 2 && c.dim(0) > 1 ? c.intDim(1) : 0, c.rank() > 0 && c.dim(-1) > 1 ? 1 : 0);
    }
    boolean left = node.input(2) == null && leaveToLibrary(planning, node, new BlasProduct(Typed.dtype(node.output()),
        isRounded(planning, Typed.dtype(node.output())), sizes[0], sizes[1], sizes[2], gemm.transposeA(),
        gemm.transposeB(), 1, 0, 0,
        gemm.alpha()));
    if (left) return;
    Chain then = Chain.after(node.output(), planning);
    launch(planning, Typed.dtype(node.output()), new Sizes(sizes[0], sizes[1], sizes[2]), new Axes(), 1, output,
        operands(node, then, planning, gemm.alpha(), gemm.beta()), then,
        Steps.of(a.intDim(1), gemm.transposeA()), Steps.of(b.intDim(1), gemm.transposeB()), added);
  }

  private static void stack(Node node, Planning planning) {
    Stacks stacks = Stacks.of(Typed.shape(node.input(0)), Typed.shape(node.input(1)));
    int[] steps = stacks.axes().steps();
    if (steps != null && stacks.matrices() <= Integer.MAX_VALUE && leaveToLibrary(planning, node,
        new BlasProduct(Typed.dtype(node.output()), isRounded(planning, Typed.dtype(node.output())), stacks.rows(),
            stacks.inner(),
            stacks.columns(), false, false, (int) stacks.matrices(),
            Math.multiplyExact(steps[0], stacks.rows() * stacks.inner()),
            Math.multiplyExact(steps[1], stacks.inner() * stacks.columns()), 1))) {
      return;
    }
    Chain then = Chain.after(node.output(), planning);
    launch(planning, Typed.dtype(node.output()), new Sizes(stacks.rows(), stacks.inner(), stacks.columns()),
        stacks.axes(), stacks.matrices(),
        Typed.shape(node.output()), operands(node, then, planning, 1, 0), then,
        Steps.of(stacks.inner(), false),
        Steps.of(stacks.columns(), false), new Steps(0, 0));
  }

  /** A matrix of so many columns times each matrix of a stack, transposed: the stack {@code y} of this shape. */
  static void withTransposed(Planning planning, Place a, Place b, Place y, Shape shape, int inner) {
    Shape stack = Shape.of(shape.dim(0));
    launch(planning, DType.FLOAT, new Sizes(shape.intDim(1), inner, shape.intDim(2)),
        Axes.broadcast(Shape.SCALAR, stack, stack),
        shape.dim(0), shape, new Operands(a, b, null, y, 1, 0), Chain.NONE,
        Steps.of(inner, false),
        Steps.of(inner, true), new Steps(0, 0));
  }

  /** A convolution of single pixels as the product of its weights with each image; false where its rows are not for that. */
  static boolean ofImages(Node node, ConvGeometry conv, Chain then, Planning planning) {
    DType dtype = Typed.dtype(node.output());
    Sizes sizes = new Sizes(conv.features(), conv.channels(), conv.window().outputSize());
    Steps weights = Steps.of(sizes.inner, false);
    Steps pixels = Steps.of(sizes.columns, false);
    if (!isOfRuns(planning, dtype, sizes, weights, pixels)) return false;
    Operands operands = new Operands(planning.place(node.input(1)), planning.place(node.input(0)),
        planning.place(node.input(2)), planning.place(then.result()), 1, 1);
    launch(planning, dtype, sizes, new Axes().add(conv.batch(), 0, 1), conv.batch(), Typed.shape(node.output()),
        operands, then, weights, pixels, new Steps(1, 0));
    return true;
  }

  private static boolean isRounded(Planning planning, DType dtype) {
    return dtype == DType.FLOAT && planning.precision() != Precision.F32;
  }

  /** Leaves a product that is large enough to NVIDIA's library, where that takes it, and what follows it to launches of its own; false where nothing was launched. */
  private static boolean leaveToLibrary(Planning planning, Node node, BlasProduct product) {
    boolean large = Math.min(product.rows(), Math.min(product.inner(), product.columns())) >= HALF_A_TILE;
    long workspace = large ? planning.workspace(product) : -1;
    if (workspace < 0) return false;
    planning.launch(Blas.KERNEL, Grid.ofBlocks(1, 1),
        new Arguments().at(planning.place(node.input(0))).at(planning.place(node.input(1)))
            .at(planning.place(node.output())).at(workspace == 0 ? null : planning.scratch(workspace))
            .struct(product.words()));
    return true;
  }

  private static Operands operands(Node node, Chain then, Planning planning, float alpha, float beta) {
    return new Operands(planning.place(node.input(0)), planning.place(node.input(1)), planning.place(node.input(2)),
        planning.place(then.result()), alpha, beta);
  }

  private static void launch(Planning planning, DType dtype, Sizes sizes, Axes stack, long matrices, Shape output,
      Operands operands, Chain then, Steps... steps) {
    output.intSize();
    int a = Math.multiplyExact(sizes.rows, sizes.inner);
    int b = Math.multiplyExact(sizes.inner, sizes.columns);
    int[] words = IntStream.concat(
        IntStream.concat(IntStream.of(sizes.rows, sizes.inner, sizes.columns),
            Arrays.stream(steps).flatMapToInt(step -> IntStream.of(step.down, step.right))),
        IntStream.of(a, b)).toArray();
    Tiles.Beginning beginning = (y, added) -> new Arguments().at(operands.a).at(operands.b).at(added).at(y)
        .float32(operands.alpha).float32(operands.beta).struct(words).struct(stack.struct());
    Tiles.Products products = new Tiles.Products(dtype, matrices, sizes.rows, sizes.inner, sizes.columns);
    Tiles.Ending ending = new Tiles.Ending(operands.y, then, operands.c, operands.alpha, operands.beta, sizes.rows,
        sizes.columns, steps[2].down, steps[2].right);
    if (isOfRuns(planning, dtype, sizes, steps)) Tiles.launchRuns(planning, products, beginning, ending);
    else
      Tiles.launch(planning, "product", products, beginning, ending);
  }

  /** Whether {@code gemm.cu} takes it: numbers of 16 bits in rows of whole runs, enough of them for half a tile, on Ampere or later, which has BF16, too. */
  private static boolean isOfRuns(Planning planning, DType dtype, Sizes sizes, Steps... steps) {
    return dtype != DType.FLOAT && planning.has(Precision.BF16) && steps[0].right == 1 && steps[1].right == 1
        && sizes.inner % RUN == 0 && sizes.columns % RUN == 0 && sizes.rows >= HALF_A_TILE
        && sizes.columns >= HALF_A_TILE;
  }
}
