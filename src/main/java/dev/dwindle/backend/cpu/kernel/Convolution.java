package dev.dwindle.backend.cpu.kernel;

/**
 * A two-dimensional convolution of channel-major images (ONNX Conv, NCHW) prepared for one shape: Y =
 * activation(conv(X, W) + bias + residual), grouped, strided, dilated, padded on any side. It is the
 * product of the packed weights with panels of neighbouring pixels, which are gathered tile by tile.
 */
public final class Convolution {
  /**
   * @param batch images
   * @param groups blocks of channels that do not see each other
   * @param channels input channels of one group
   * @param features output channels of one group
   */
  public record Shape(int batch, int groups, int channels, int features, Window window) {
    public Shape {
      if (batch < 1 || groups < 1 || channels < 1 || features < 1) {
        throw new IllegalArgumentException(
            "convolution: batch %d, groups %d, channels %d, features %d, expected at least 1 each"
                .formatted(batch, groups, channels, features));
      }
    }

    /** Length of each sum: channels times taps. */
    public int depth() {
      return channels * window.taps();
    }
  }

  private static final int WIDTH = ColumnPanels.WIDTH;

  /** Floats that are worth a claim when images are laid out. */
  private static final int WORTH_LAYING = 1 << 13;

  /** Row panels that a piece of work should hold, so that gathering pixels is worth it. */
  private static final int FEWEST_ROWS = 6;

  private final Shape shape;
  private final Finish finish;
  private final PhasePlanes planes;
  private final PixelGather gather;
  private final RowPanels rows;
  private final PanelProduct product;
  private final float[] weights;
  private final int depthBlock;
  private final int outPlane;
  private final MatMul flat;
  private final PixelRows few;

  private Convolution(Shape shape, Finish finish, float[] packed) {
    this.shape = shape;
    this.finish = finish;
    planes = new PhasePlanes(shape.window());
    gather = new PixelGather(planes, shape.channels(), shape.window().width().out());
    rows = new RowPanels(shape.features(), shape.depth());
    outPlane = shape.window().outPlane();
    product = new PanelProduct(rows, outPlane);
    depthBlock = PanelProduct.depthBlock(shape.depth());
    flat = packed != null && seesAll(shape) ? flat(packed) : null;
    few = packed != null && flat == null && PixelRows.pays(shape) ? PixelRows.withPacked(shape, finish, packed) : null;
    weights = flat != null || few != null ? null : packed;
  }

  /** A convolution with weights known only when it runs: they are packed anew each time. */
  public static Convolution of(Shape shape, Finish finish) {
    return new Convolution(shape, finish, null);
  }

  /**
   * A convolution with constant weights, packed here; {@code values} (features of all groups, channels
   * of one group, height, width) is not kept.
   */
  public static Convolution withWeights(Shape shape, Finish finish, float[] values) {
    return withPacked(shape, finish, packed(shape, values));
  }

  /** As {@link #withWeights}, with what {@link #packed} made, which shapes of one {@link #packing} may share. */
  public static Convolution withPacked(Shape shape, Finish finish, float[] packed) {
    return new Convolution(shape, finish, packed);
  }

  /** Constant weights in the order in which tiles read them. */
  public static float[] packed(Shape shape, float[] values) {
    int depth = shape.depth();
    if (seesAll(shape)) {
      return MatMul.packed(depth, shape.features(), MatMul.Layout.transposed(depth), values);
    }
    if (PixelRows.pays(shape)) {
      return PixelRows.packed(shape, values);
    }
    RowPanels rows = new RowPanels(shape.features(), depth);
    float[] packed = new float[Math.multiplyExact(shape.groups(), rows.floats())];
    for (int i = 0; i < shape.groups() * rows.count(); i++) {
      pack(shape, rows, i, values, 0, packed, 0);
    }
    return packed;
  }

  /** Names the order of {@link #packed}, which the size of the images does not change but where there are few outputs. */
  public static String packing(Shape shape) {
    return seesAll(shape) || PixelRows.pays(shape) ? "columns" : "windows of " + shape.groups() + " groups";
  }

  /** Whether the only output of an image looks at each of its floats once: then the images are rows of a matrix. */
  private static boolean seesAll(Shape shape) {
    Window window = shape.window();
    return shape.groups() == 1 && window.outPlane() == 1 && new PhasePlanes(window).identity()
        && window.taps() == window.inPlane();
  }

  private MatMul flat(float[] packed) {
    int depth = shape.depth();
    MatMul.Shape product = new MatMul.Shape(1, shape.batch(), shape.features(), depth);
    MatMul.Layout result = MatMul.Layout.rowMajor(shape.features());
    return MatMul.withPacked(product, MatMul.Layout.rowMajor(depth), MatMul.Layout.transposed(depth), result, finish,
        packed);
  }

  /** Packs row panel {@code i % count} of group {@code i / count}. */
  private static void pack(Shape shape, RowPanels rows, int i, float[] values, int from, float[] packed, int to) {
    int group = i / rows.count();
    int source = from + group * shape.features() * shape.depth();
    int target = to + group * rows.floats();
    rows.pack(i % rows.count(), values, source, shape.depth(), 1, packed, target);
  }

  private int planeFloats() {
    // A vector may read beyond the last pixel, into floats that it then throws away.
    return planes.identity()
        ? 0
        : Math.multiplyExact(shape.groups() * shape.channels(), planes.floats()) + WIDTH;
  }

  /** Floats of one channel of a result. */
  int outPlane() {
    return outPlane;
  }

  /** Floats of scratch, shared by the threads, that {@link #on} expects. */
  public int scratch() {
    if (flat != null) {
      return flat.scratch();
    }
    if (few != null) {
      return few.scratch();
    }
    return planeFloats() + (weights == null ? shape.groups() * rows.floats() : 0);
  }

  /** Floats of scratch of each thread: what {@link Workers#reserve} is to be told. */
  public int local() {
    if (flat != null) {
      return flat.local();
    }
    if (few != null) {
      return few.local();
    }
    return edge() + PanelProduct.EDGE;
  }

  private int edge() {
    return depthBlock * WIDTH + WIDTH;
  }

  /**
   * Binds the convolution to its memory.
   *
   * @param image N, C, H, W
   * @param kernel the weights; null where they are constant
   * @param result N, features, H', W'
   * @param residual added to the result before the activation and laid out like it; null for none. May
   *     be the result itself
   * @param scratch {@link #scratch} floats; null where that is 0
   */
  public Step on(Slice image, Slice kernel, Slice result, Slice residual, Slice scratch) {
    if (flat != null) {
      return flat.on(image, null, result, residual, scratch);
    }
    return few != null
        ? few.on(image, result, residual, scratch)
        : new Bound(image, kernel, result, residual, scratch);
  }

  private final class Bound implements Step {
    private final Slice image;
    private final Slice kernel;
    private final Slice result;
    private final Slice residual;
    private final Slice scratch;
    private final float[] packed;
    private final int packedFrom;
    private final Workers.Task pack = this::pack;
    /** Channels that are laid out in one piece. */
    private final int together = Math.max(1, WORTH_LAYING / planes.floats());
    private final Workers.Task lay = this::lay;
    private final Workers.Task multiply = this::multiply;
    private int threads;
    private Pieces pieces;
    private int member;

    Bound(Slice image, Slice kernel, Slice result, Slice residual, Slice scratch) {
      this.image = image;
      this.kernel = kernel;
      this.result = result;
      this.residual = residual;
      this.scratch = scratch;
      packed = weights != null ? weights : scratch.array();
      packedFrom = weights != null ? 0 : scratch.offset() + planeFloats();
    }

    @Override
    public void run(Workers workers) {
      workers.reserve(local());
      if (weights == null) {
        workers.run(shape.groups() * rows.count(), pack);
      }
      long work = (long) shape.features() * shape.depth() * outPlane;
      int panels = ColumnPanels.count(outPlane);
      if (threads != workers.count()) {
        threads = workers.count();
        pieces = Pieces.of(rows.count(), panels, work, threads, FEWEST_ROWS);
      }
      for (member = 0; member < shape.batch(); member++) {
        if (!planes.identity()) {
          workers.run((shape.groups() * shape.channels() + together - 1) / together, lay);
        }
        workers.run(shape.groups() * pieces.count(), multiply);
      }
    }

    private void pack(int panel, float[] local) {
      Convolution.pack(shape, rows, panel, kernel.array(), kernel.offset(), packed, packedFrom);
    }

    private void lay(int piece, float[] local) {
      int end = Math.min(shape.groups() * shape.channels(), (piece + 1) * together);
      for (int channel = piece * together; channel < end; channel++) {
        lay(channel);
      }
    }

    private void lay(int channel) {
      int from = (member * shape.groups() * shape.channels() + channel) * shape.window().inPlane();
      int to = scratch.offset() + channel * planes.floats();
      planes.fill(image.array(), image.offset() + from, 0, scratch.array(), to, to + planes.floats());
    }

    private void multiply(int piece, float[] local) {
      int group = piece / pieces.count();
      int part = piece % pieces.count();
      int rowFrom = pieces.rowFrom(part);
      int rowTo = pieces.rowTo(part);
      int panelFrom = pieces.columnFrom(part);
      int panelTo = pieces.columnTo(part);
      begin(group, rowFrom, rowTo, panelFrom, panelTo);
      for (int k = 0; k < shape.depth(); k += depthBlock) {
        int depth = Math.min(depthBlock, shape.depth() - k);
        for (int p = panelFrom; p < panelTo; p++) {
          panel(group, p, rowFrom, rowTo, k, depth, local);
        }
      }
      end(group, rowFrom, rowTo, panelFrom, panelTo);
    }

    private void panel(int group, int panel, int rowFrom, int rowTo, int k, int depth, float[] local) {
      int pixel = panel * WIDTH;
      int valid = ColumnPanels.valid(panel, outPlane);
      int channel = group * shape.channels();
      boolean plain = planes.identity();
      float[] source = plain ? image.array() : scratch.array();
      int from = plain
          ? image.offset() + (member * shape.groups() * shape.channels() + channel) * planes.floats()
          : scratch.offset() + channel * planes.floats();
      gather.gather(source, from, k, depth, pixel, valid, local);
      int ao = packedFrom + group * rows.floats();
      int co = result.offset() + first(group, 0) + pixel;
      product.packed(rowFrom, rowTo, k, depth, packed, ao, local, 0, result.array(), co, valid, local, edge());
    }

    /** Where a feature's plane of the current image begins in the result. */
    private int first(int group, int feature) {
      return ((member * shape.groups() + group) * shape.features() + feature) * outPlane;
    }

    private void begin(int group, int rowFrom, int rowTo, int panelFrom, int panelTo) {
      int pixel = panelFrom * WIDTH;
      int n = Math.min(outPlane, panelTo * WIDTH) - pixel;
      int end = rows.first(rowTo - 1) + rows.valid(rowTo - 1);
      float[] r = residual == null ? null : residual.array();
      for (int row = rows.first(rowFrom); row < end; row++) {
        int at = first(group, row) + pixel;
        int ro = residual == null ? 0 : residual.offset() + at;
        int feature = group * shape.features() + row;
        finish.beginChannel(feature, r, ro, result.array(), result.offset() + at, n);
      }
    }

    private void end(int group, int rowFrom, int rowTo, int panelFrom, int panelTo) {
      if (finish.activation().kind() == Activation.Kind.NONE) {
        return;
      }
      int pixel = panelFrom * WIDTH;
      int n = Math.min(outPlane, panelTo * WIDTH) - pixel;
      int end = rows.first(rowTo - 1) + rows.valid(rowTo - 1);
      for (int row = rows.first(rowFrom); row < end; row++) {
        int at = result.offset() + first(group, row) + pixel;
        finish.activation().apply(result.array(), at, n);
      }
    }
  }
}
