package dev.dwindle.backend.cpu.kernel;

/**
 * A matrix product prepared for one shape: C = activation(A * B + bias + residual), batched, operands in
 * any strided layout, B packed once where it is a weight. Each element is summed in ascending k, in
 * blocks that depend on the shape only, so the threads do not change the result.
 */
public final class MatMul {
  /** C is m by n, the sums have k terms; {@code batch} such products. */
  public record Shape(int batch, int m, int n, int k) {
    public Shape {
      if (batch < 1 || m < 1 || n < 1 || k < 1) {
        throw new IllegalArgumentException(
            "matrix product: batch %d, m %d, n %d, k %d, expected at least 1 each".formatted(batch, m, n, k));
      }
    }
  }

  /**
   * How a matrix lies in its slice: element (i, j) of batch member b at {@code starts[b] + i *
   * rowStride + j * columnStride}. Equal starts broadcast; swapped strides transpose.
   */
  public record Layout(int rowStride, int columnStride, int... starts) {
    /** One row-major matrix. */
    public static Layout rowMajor(int columns) {
      return new Layout(columns, 1, 0);
    }

    /** One matrix stored transposed, with {@code rows} floats from a column to the next. */
    public static Layout transposed(int rows) {
      return new Layout(1, rows, 0);
    }

    int start(int batch) {
      return starts[starts.length == 1 ? 0 : batch];
    }
  }

  private static final int WIDTH = ColumnPanels.WIDTH;

  /** Column panels from which packing A is worth it; for fewer it is read where it lies. */
  private static final int WORTH_PACKING = 24;

  private final Shape shape;
  private final Layout a;
  private final Layout b;
  private final Layout c;
  private final Finish finish;
  private final float[] weights;
  private final SharedPanels shared;
  private final RowPanels rows;
  private final PanelProduct product;
  private final int depthBlock;
  private final int panels;
  private final boolean packsLeft;

  private MatMul(Shape shape, Layout a, Layout b, Layout c, Finish finish, float[] weights, SharedPanels shared) {
    if (c.columnStride() != 1) {
      throw new IllegalArgumentException(
          "matrix product: result with column stride " + c.columnStride() + ", expected 1");
    }
    this.shape = shape;
    this.a = a;
    this.b = b;
    this.c = c;
    this.finish = finish;
    this.weights = weights;
    this.shared = shared;
    rows = new RowPanels(shape.m(), shape.k());
    product = new PanelProduct(rows, c.rowStride());
    depthBlock = PanelProduct.depthBlock(shape.k());
    panels = ColumnPanels.count(shape.n());
    packsLeft = a.columnStride() != 1 || shape.m() > 1 && panels >= WORTH_PACKING;
  }

  /** A product of two activations. */
  public static MatMul of(Shape shape, Layout a, Layout b, Layout c, Finish finish) {
    return new MatMul(shape, a, b, c, finish, null, null);
  }

  /**
   * A product with a constant right operand of one batch member, packed here; {@code values} is not
   * kept. A batch that shares it is better said as more rows.
   */
  public static MatMul withWeights(
      Shape shape, Layout a, Layout b, Layout c, Finish finish, float[] values) {
    return withPacked(shape, a, b, c, finish, packed(shape.k(), shape.n(), b, values));
  }

  /** As {@link #withWeights}, with what {@link #packed} made, which products of any number of rows may share. */
  public static MatMul withPacked(
      Shape shape, Layout a, Layout b, Layout c, Finish finish, float[] packed) {
    return new MatMul(shape, a, b, c, finish, packed, null);
  }

  /** A product of a single row with weights that share sixteen values, to the same bits as with {@link #withPacked}. */
  public static MatMul withShared(Shape shape, Layout a, Layout b, Layout c, Finish finish, SharedPanels shared) {
    if (shape.batch() != 1 || shape.m() != 1 || a.columnStride() != 1) {
      throw new IllegalArgumentException(
          "matrix product: " + shape + ", expected a single row as it lies, with shared values");
    }
    return new MatMul(shape, a, b, c, finish, null, shared);
  }

  /** A constant right operand of {@code k} rows and {@code n} columns in the order in which tiles read it. */
  public static float[] packed(int k, int n, Layout b, float[] values) {
    return ColumnPanels.pack(k, n, values, b.start(0), b);
  }

  /** Floats of scratch, shared by the threads, that {@link #on} expects. */
  public int scratch() {
    return packsLeft ? Math.multiplyExact(shape.batch(), rows.floats()) : 0;
  }

  /** Floats of scratch of each thread: what {@link Workers#reserve} is to be told. */
  public int local() {
    return edge() + PanelProduct.EDGE + (packsLeft ? 0 : rows.lastFloats());
  }

  private int edge() {
    return depthBlock * WIDTH;
  }

  /**
   * Binds the product to its memory.
   *
   * @param right the right operand; null with weights
   * @param residual added to the result before the activation and laid out like it; null for none. May
   *     be the result itself
   * @param scratch {@link #scratch} floats; null where that is 0
   */
  public Step on(Slice left, Slice right, Slice result, Slice residual, Slice scratch) {
    return new Bound(left, right, result, residual, scratch);
  }

  private final class Bound implements Step {
    private final Slice left;
    private final Slice right;
    private final Slice result;
    private final Slice residual;
    private final Slice scratch;
    private final Workers.Task pack = this::pack;
    private final Workers.Task multiply = this::multiply;
    private int threads;
    private Pieces pieces;

    Bound(Slice left, Slice right, Slice result, Slice residual, Slice scratch) {
      this.left = left;
      this.right = right;
      this.result = result;
      this.residual = residual;
      this.scratch = scratch;
    }

    @Override
    public void run(Workers workers) {
      workers.reserve(local());
      if (packsLeft) {
        workers.run(shape.batch() * rows.count(), pack);
      }
      long work = (long) shape.m() * shape.n() * shape.k();
      if (threads != workers.count()) {
        threads = workers.count();
        pieces = Pieces.of(rows.count(), panels, work, threads, 1);
      }
      workers.run(shape.batch() * pieces.count(), multiply);
    }

    private void pack(int piece, float[] local) {
      int batch = piece / rows.count();
      int from = left.offset() + a.start(batch);
      int to = scratch.offset() + batch * rows.floats();
      rows.pack(
          piece % rows.count(),
          left.array(),
          from,
          a.rowStride(),
          a.columnStride(),
          scratch.array(),
          to);
    }

    private void multiply(int piece, float[] local) {
      int batch = piece / pieces.count();
      int part = piece % pieces.count();
      int rowFrom = pieces.rowFrom(part);
      int rowTo = pieces.rowTo(part);
      int panelFrom = pieces.columnFrom(part);
      int panelTo = pieces.columnTo(part);
      begin(batch, rowFrom, rowTo, panelFrom, panelTo);
      if (!packsLeft && shape.m() > 1 && rows.partial(rowTo - 1)) {
        int from = left.offset() + a.start(batch);
        rows.pack(rowTo - 1, left.array(), from, a.rowStride(), 1, local, lastPanel(rowTo - 1));
      }
      for (int k = 0; k < shape.k(); k += depthBlock) {
        int depth = Math.min(depthBlock, shape.k() - k);
        for (int p = panelFrom; p < panelTo; p++) {
          panel(batch, p, rowFrom, rowTo, k, depth, local);
        }
      }
      end(batch, rowFrom, rowTo, panelFrom, panelTo);
    }

    private void panel(int batch, int panel, int rowFrom, int rowTo, int k, int depth, float[] local) {
      int valid = ColumnPanels.valid(panel, shape.n());
      int column = panel * WIDTH;
      float[] panels = local;
      int at = 0;
      if (shared != null) {
        at = shared.at(panel, k);
      } else if (weights != null) {
        panels = weights;
        at = (panel * shape.k() + k) * WIDTH;
      } else {
        int from = right.offset() + b.start(batch) + k * b.rowStride() + column * b.columnStride();
        ColumnPanels.packBlock(depth, valid, right.array(), from, b, local, 0);
      }
      float[] out = result.array();
      int co = result.offset() + c.start(batch) + column;
      if (packsLeft) {
        int ao = scratch.offset() + batch * rows.floats();
        product.packed(rowFrom, rowTo, k, depth, scratch.array(), ao, panels, at, out, co, valid, local, edge());
        return;
      }
      int ao = left.offset() + a.start(batch) + k;
      if (shape.m() == 1) {
        PanelProduct.single(depth, left.array(), ao, panels, shared, at, out, co, valid, local, edge());
        return;
      }
      int whole = rows.partial(rowTo - 1) ? rowTo - 1 : rowTo;
      product.unpacked(rowFrom, whole, depth, left.array(), ao, a.rowStride(), panels, at, out, co, valid, local,
          edge());
      if (whole < rowTo) {
        int last = lastPanel(whole);
        product.packed(whole, rowTo, k, depth, local, last, panels, at, out, co, valid, local, edge());
      }
    }

    /** Where the packed form would begin whose last panel stands behind the edge. */
    private int lastPanel(int panel) {
      return edge() + PanelProduct.EDGE - rows.offset(panel, 0);
    }

    private void begin(int batch, int rowFrom, int rowTo, int panelFrom, int panelTo) {
      int column = panelFrom * WIDTH;
      int n = Math.min(shape.n(), panelTo * WIDTH) - column;
      int end = rows.first(rowTo - 1) + rows.valid(rowTo - 1);
      float[] r = residual == null ? null : residual.array();
      for (int row = rows.first(rowFrom); row < end; row++) {
        int at = c.start(batch) + row * c.rowStride() + column;
        int ro = residual == null ? 0 : residual.offset() + at;
        finish.beginRow(column, r, ro, result.array(), result.offset() + at, n);
      }
    }

    private void end(int batch, int rowFrom, int rowTo, int panelFrom, int panelTo) {
      if (finish.activation().kind() == Activation.Kind.NONE) {
        return;
      }
      int column = panelFrom * WIDTH;
      int n = Math.min(shape.n(), panelTo * WIDTH) - column;
      int end = rows.first(rowTo - 1) + rows.valid(rowTo - 1);
      for (int row = rows.first(rowFrom); row < end; row++) {
        int at = result.offset() + c.start(batch) + row * c.rowStride() + column;
        finish.activation().apply(result.array(), at, n);
      }
    }
  }
}
