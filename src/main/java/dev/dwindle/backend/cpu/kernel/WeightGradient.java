package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of a convolution's weights: for each feature and each tap of each channel, the sum over all images and places of the feature's gradient times
 * what the tap reads. What taps read is laid out tap by tap, a few images at a time, so that both factors lie along the sum.
 */
public final class WeightGradient {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** Terms of a sum that are laid out at a time. */
  private static final int DEPTH = 1024;

  /** Floats that a thread lays out at a time: what its second cache holds beside the gradients. */
  private static final int MOST = 1 << 17;

  private final Convolution.Shape shape;
  private final PhasePlanes planes;
  private final int[] taps;
  private final int columns;
  private final int place;
  private final int images;
  private final int depth;
  private final boolean moves;

  public WeightGradient(Convolution.Shape shape) {
    this.shape = shape;
    planes = new PhasePlanes(shape.window());
    taps = planes.taps(1);
    columns = shape.depth();
    place = shape.window().outPlane();
    images = Math.clamp(DEPTH / place, 1, shape.batch());
    depth = rounded(images * place);
    moves = images > 1 || depth != place;
  }

  private static int rounded(int floats) {
    return (floats + LANES - 1) / LANES * LANES;
  }

  private int chunks() {
    return (shape.batch() + images - 1) / images;
  }

  /** Floats of scratch, shared by the threads, that {@link #on} expects. */
  public int scratch() {
    return moves ? Math.multiplyExact(Math.multiplyExact(shape.groups() * shape.features(), chunks()), depth) : 0;
  }

  /** Columns that a thread takes at a time, whole tiles. */
  private int block(int threads) {
    int most = Math.max(DotTile.COLUMNS, MOST / depth);
    int each = threads == 1 ? columns : (columns + 4 * threads - 1) / (4 * threads);
    return tiled(Math.min(each, most));
  }

  private static int tiled(int columns) {
    return (columns + DotTile.COLUMNS - 1) / DotTile.COLUMNS * DotTile.COLUMNS;
  }

  /**
   * Binds to memory.
   *
   * @param image N, C, H, W
   * @param gradient N, features, H', W'
   * @param result features, C / groups, kernel height, kernel width
   * @param scratch {@link #scratch} floats; null where that is 0
   */
  public Step on(Slice image, Slice gradient, Slice result, Slice scratch) {
    return new Bound(image, gradient, result, scratch);
  }

  private final class Bound implements Step {
    private final Slice image;
    private final Slice gradient;
    private final Slice result;
    private final Slice scratch;
    private final Workers.Task lay = this::lay;
    private final Workers.Task multiply = this::multiply;
    private int threads;
    private int block;
    private int blocks;

    Bound(Slice image, Slice gradient, Slice result, Slice scratch) {
      this.image = image;
      this.gradient = gradient;
      this.result = result;
      this.scratch = scratch;
    }

    @Override
    public void run(Workers workers) {
      if (threads != workers.count()) {
        threads = workers.count();
        block = block(threads);
        blocks = (columns + block - 1) / block;
      }
      workers.reserve(planeFloats() + block * depth + shape.features() * block * LANES);
      if (moves) workers.run(shape.groups() * shape.features(), lay);
      workers.run(shape.groups() * blocks, multiply);
    }

    private int planeFloats() {
      return planes.identity() ? 0 : planes.floats() + LANES;
    }

    /** One feature's gradients of all images, in runs of {@link #depth}. */
    private void lay(int feature, float[] local) {
      int to = scratch.offset() + feature * chunks() * depth;
      int step = shape.groups() * shape.features() * place;
      int from = gradient.offset() + feature * place;
      for (int n = 0; n < shape.batch(); n++) {
        int at = to + n / images * depth + n % images * place;
        System.arraycopy(gradient.array(), from + n * step, scratch.array(), at, place);
        boolean last = n % images == images - 1 || n == shape.batch() - 1;
        if (last) Arrays.fill(scratch.array(), at + place, to + (n / images + 1) * depth, 0);
      }
    }

    private void multiply(int piece, float[] local) {
      int group = piece / blocks;
      int first = piece % blocks * block;
      int count = Math.min(block, columns - first);
      int panel = planeFloats();
      int sums = panel + block * depth;
      int tiles = tiled(count);
      Arrays.fill(local, sums, sums + shape.features() * tiles * LANES, 0);
      Arrays.fill(local, panel + count * depth, panel + tiles * depth, 0);
      for (int chunk = 0; chunk < chunks(); chunk++) {
        gather(group, chunk, first, count, local);
        products(group, chunk, tiles, local, panel, sums);
      }
      for (int f = 0; f < shape.features(); f++) {
        int to = result.offset() + (group * shape.features() + f) * columns + first;
        for (int c = 0; c < count; c++) {
          result.array()[to + c] = LaneSum.of(local, sums + (f * tiles + c) * LANES);
        }
      }
    }

    private void products(int group, int chunk, int tiles, float[] local, int panel, int sums) {
      float[] y = moves ? scratch.array() : gradient.array();
      int step = moves ? chunks() * depth : place;
      int from = moves ? scratch.offset() + group * shape.features() * step + chunk * depth
          : gradient.offset() + (chunk * shape.groups() + group) * shape.features() * place;
      int height;
      for (int f = 0; f < shape.features(); f += height) {
        height = DotTile.height(shape.features() - f);
        for (int c = 0; c < tiles; c += DotTile.COLUMNS) {
          DotTile.multiply(height, depth, y, from + f * step, step, local, panel + c * depth, depth, local,
              sums + (f * tiles + c) * LANES, tiles * LANES);
        }
      }
    }

    /** What columns {@code first} to {@code first + count - 1} read of a chunk's images. */
    private void gather(int group, int chunk, int first, int count, float[] local) {
      int panel = planeFloats();
      int end = Math.min(images, shape.batch() - chunk * images);
      int in = shape.window().inPlane();
      int column = first;
      while (column < first + count) {
        int channel = column / taps.length;
        int next = Math.min(first + count, (channel + 1) * taps.length);
        for (int n = 0; n < end; n++) {
          int plane = ((chunk * images + n) * shape.groups() + group) * shape.channels() + channel;
          float[] source = image.array();
          int from = image.offset() + plane * in;
          if (!planes.identity()) {
            planes.fill(source, from, 0, local, 0, planes.floats() + LANES);
            source = local;
            from = 0;
          }
          for (int c = column; c < next; c++) {
            copy(source, from + taps[c % taps.length], local, panel + (c - first) * depth + n * place);
          }
        }
        for (int c = column; c < next; c++) {
          int at = panel + (c - first) * depth;
          Arrays.fill(local, at + end * place, at + depth, 0);
        }
        column = next;
      }
    }

    /** The rows of one tap's shift of a plane; what a vector writes too much, the next row overwrites. */
    private void copy(float[] source, int from, float[] to, int at) {
      int width = shape.window().width().out();
      int rows = shape.window().height().out();
      int stride = planes.rowStride();
      if (stride == width) {
        System.arraycopy(source, from, to, at, place);
        return;
      }
      int reach = Math.max(width, LANES);
      int spare = source.length - from - reach;
      // No vector may write beyond the plane.
      int whole = spare < 0 || place < reach ? 0 : Math.min(spare / stride, (place - reach) / width) + 1;
      for (int i = 0; i < width; i += LANES) {
        int j = Math.max(0, Math.min(i, width - LANES));
        for (int r = 0, s = from + j, d = at + j; r < whole; r++, s += stride, d += width) {
          FloatVector.fromArray(SPECIES, source, s).intoArray(to, d);
        }
      }
      for (int r = whole; r < rows; r++) System.arraycopy(source, from + r * stride, to, at + r * width, width);
    }
  }
}
