package dev.dwindle.backend.cpu.kernel;

/**
 * A convolution as {@link Convolution} computes it whose constant weights are mostly zero: those are left out. Nothing is gathered. In a
 * layout with its padding, each tap is one shift of the whole plane, so that vectors run over the outputs row after row; what they compute
 * between the rows is thrown away.
 */
public final class SparseConvolution {
  private static final int TILE = SparseTile.WIDTH;

  /** Positions that may be computed for each output. */
  private static final double MOST_THROWN_AWAY = 1.5;

  /** Features and tiles of a piece: its sums, 128 KiB at most, then stay in the second cache. With many threads pieces have fewer features. */
  private static final int FEATURES = 32;
  private static final int FEWEST_FEATURES = 4;
  private static final int TILES = 8;

  /** Floats of planes that one block of a sum looks at, so that they stay in the first cache. */
  private static final int BLOCK = 12288;

  private final Convolution.Shape shape;
  private final Finish finish;
  private final SparseRows weights;
  private final PhasePlanes planes;
  private final int positions;

  private SparseConvolution(Convolution.Shape shape, Finish finish, SparseRows weights) {
    this.shape = shape;
    this.finish = finish;
    this.weights = weights;
    planes = new PhasePlanes(shape.window());
    positions = positions(shape.window(), planes);
  }

  /** A convolution with the weights that {@link #weights} listed. */
  public static SparseConvolution of(Convolution.Shape shape, Finish finish, SparseRows weights) {
    return new SparseConvolution(shape, finish, weights);
  }

  /** What is not zero in constant weights (features of all groups, channels of one group, height, width); for one shape alone. */
  public static SparseRows weights(Convolution.Shape shape, float[] values) {
    PhasePlanes planes = new PhasePlanes(shape.window());
    int seen = TILE + planes.tap(shape.window().height().kernel() - 1, shape.window().width().kernel() - 1);
    int together = Math.max(1, BLOCK / Math.min(seen, planes.floats() + TILE));
    int blocks = (shape.channels() + together - 1) / together;
    int channels = (shape.channels() + blocks - 1) / blocks;
    return SparseRows.of(shape.groups() * shape.features(), values, shape.depth(), 1, planes.taps(shape.channels()),
        channels * shape.window().taps());
  }

  /** The share of zero weights from which leaving them out pays; 2 where it never does: outputs fill too few vectors, or too many positions fall between their rows. */
  public static double worth(Convolution.Shape shape) {
    int outputs = shape.window().outPlane();
    boolean dense = positions(shape.window(), new PhasePlanes(shape.window())) <= MOST_THROWN_AWAY * outputs;
    return dense && outputs >= TILE / 2 ? SparseTile.worth(shape.window().taps() > 1) : 2;
  }

  /** From the first output to the last, with what lies between the rows. */
  private static int positions(Window window, PhasePlanes planes) {
    return (window.height().out() - 1) * planes.rowStride() + window.width().out();
  }

  /** Floats of scratch, shared by the threads, that {@link #on} expects: the planes, and what the last tile reads behind them. */
  public int scratch() {
    return Math.addExact(Math.multiplyExact(shape.groups() * shape.channels(), planes.floats()), TILE);
  }

  private int tiles() {
    return (positions + TILE - 1) / TILE;
  }

  /** Binds the convolution to its memory, as {@link Convolution#on}. */
  public Step on(Slice image, Slice result, Slice residual, Slice scratch) {
    return new Bound(image, result, residual, scratch);
  }

  private final class Bound implements Step {
    private final Slice image;
    private final Slice result;
    private final Slice residual;
    private final Slice scratch;
    private final boolean inPlace;
    private final int tileChunks = (tiles() + TILES - 1) / TILES;
    private final Workers.Task lay = this::lay;
    private final Workers.Task multiply = this::multiply;
    private int threads;
    private int features;
    private int featureChunks;
    private int member;

    Bound(Slice image, Slice result, Slice residual, Slice scratch) {
      this.image = image;
      this.result = result;
      this.residual = residual;
      this.scratch = scratch;
      int floats = shape.batch() * shape.groups() * shape.channels() * planes.floats();
      inPlace = planes.identity() && image.array().length - image.offset() - floats >= TILE;
    }

    @Override
    public void run(Workers workers) {
      workers.reserve(FEATURES * TILES * TILE);
      if (threads != workers.count()) split(workers.count());
      for (member = 0; member < shape.batch(); member++) {
        if (!inPlace) workers.run(shape.groups() * shape.channels(), lay);
        workers.run(shape.groups() * featureChunks * tileChunks, multiply);
      }
    }

    /** Two pieces a thread, if they are to be had. */
    private void split(int count) {
      threads = count;
      features = FEATURES;
      int others = shape.groups() * tileChunks;
      while (features > FEWEST_FEATURES && count > 1
          && (shape.features() + features - 1) / features * others < 2 * count)
        features /= 2;
      featureChunks = (shape.features() + features - 1) / features;
    }

    private void lay(int channel, float[] local) {
      int from = image.offset() + (member * shape.groups() * shape.channels() + channel) * shape.window().inPlane();
      int to = scratch.offset() + channel * planes.floats();
      planes.fill(image.array(), from, 0, scratch.array(), to, to + planes.floats());
    }

    private void multiply(int piece, float[] local) {
      int tile = piece % tileChunks * TILES;
      int chunk = piece / tileChunks;
      int group = chunk / featureChunks;
      int first = group * shape.features() + chunk % featureChunks * features;
      int last = Math.min((group + 1) * shape.features(), first + features);
      int from = tile * TILE;
      int to = Math.min(positions, from + TILES * TILE);
      int ldc = (to - from + SparseTile.LANES - 1) / SparseTile.LANES * SparseTile.LANES;
      for (int feature = first; feature < last; feature++) begin(feature, from, to, local, (feature - first) * ldc);
      int channel = group * shape.channels();
      int source = inPlace
          ? image.offset() + (member * shape.groups() * shape.channels() + channel) * planes.floats()
          : scratch.offset() + channel * planes.floats();
      float[] b = inPlace ? image.array() : scratch.array();
      for (int block = 0; block < weights.blocks(); block++) {
        for (int at = 0; at < ldc; at += TILE) {
          int vectors = Math.min(TILE, ldc - at) / SparseTile.LANES;
          SparseTile.multiply(weights, first, last, block, b, source + from + at, local, at, ldc, vectors);
        }
      }
      for (int feature = first; feature < last; feature++) end(feature, from, to, local, (feature - first) * ldc);
    }

    /** Where a feature's plane of the current image begins in the result. */
    private int plane(int feature) {
      return (member * shape.groups() * shape.features() + feature) * shape.window().outPlane();
    }

    /** Starts the sums of positions {@code from} to {@code to - 1}. */
    private void begin(int feature, int from, int to, float[] sums, int so) {
      finish.beginChannel(feature, null, 0, sums, so, to - from);
      if (residual == null) return;
      int stride = planes.rowStride();
      int width = shape.window().width().out();
      for (int row = from / stride; row * stride < to; row++) {
        int begin = Math.max(from, row * stride);
        int n = Math.min(to, row * stride + width) - begin;
        int at = residual.offset() + plane(feature) + row * width + begin - row * stride;
        if (n > 0) BinaryLoops.add(sums, so + begin - from, residual.array(), at, sums, so + begin - from, n);
      }
    }

    private void end(int feature, int from, int to, float[] sums, int so) {
      int stride = planes.rowStride();
      int width = shape.window().width().out();
      finish.activation().apply(sums, so, to - from);
      for (int row = from / stride; row * stride < to; row++) {
        int begin = Math.max(from, row * stride);
        int n = Math.min(to, row * stride + width) - begin;
        int at = result.offset() + plane(feature) + row * width + begin - row * stride;
        if (n > 0) System.arraycopy(sums, so + begin - from, result.array(), at, n);
      }
    }
  }
}
