package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/** Stores weights in types of at most 8 bits, tile by tile on several threads; the result does not depend on how many. */
public final class WeightEncoder implements AutoCloseable {
  private final ForkJoinPool pool;

  /** An encoder on so many threads; 0 for all cores. */
  public WeightEncoder(int threads) {
    pool = new ForkJoinPool(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
  }

  @Override
  public void close() {
    pool.close();
  }

  /**
   * How weights are to be stored.
   *
   * @param dtype a type of at most 8 bits; unsigned integers get zero points
   * @param search whether integer blocks may clip outliers where the squared error is less then
   * @param convolution whether these are weights of a convolution, whose sums are kept
   */
  public record Form(BlockLayout layout, DType dtype, boolean search, boolean convolution) {}

  /**
   * FLOAT weights in the codes of a form.
   *
   * @param inputs by which weights make up for each other's errors; null where each is rounded to nearest
   */
  public StoredWeights encode(Tensor weights, Form form, LayerInputs inputs) {
    BlockLayout layout = form.layout();
    int tiles = WeightTile.count(layout);
    Work work = new Work(weights, form, tiles);
    pool.submit(() -> IntStream.range(0, tiles).parallel().forEach(work::encode)).join();
    double signal = sum(work.signal);
    double noise = sum(work.noise);
    byte[] codes = work.codes;
    BlockCodes grid = new BlockCodes(layout, work.dtype, work.scales, work.zeros);
    if (inputs != null && Double.isFinite(signal)) {
      codes = CompensatedRounding.round(weights.floats(), weights.shape(), inputs, grid);
      noise = noise(weights.floats(), codes, grid);
    } else if (form.convolution() && Double.isFinite(signal)) {
      noise = new StoredSums(grid).keep(weights, codes);
    }
    double sqnr = noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
    Tensor scales = Tensor.of(layout.scaleShape(), work.scales);
    Tensor zeros = work.dtype.isUnsigned() ? packed(work.dtype, layout.scaleShape(), work.zeros) : null;
    return new StoredWeights(layout, packed(work.dtype, weights.shape(), codes), scales, zeros, sqnr);
  }

  private static double noise(float[] exact, byte[] codes, BlockCodes grid) {
    double noise = 0;
    for (int i = 0; i < exact.length; i++) {
      double error = (double) grid.number(i, codes[i]) - exact[i];
      noise += error * error;
    }
    return noise;
  }

  private static double sum(double[] parts) {
    double sum = 0;
    for (double part : parts) {
      sum += part;
    }
    return sum;
  }

  /** Codes of one byte each as a tensor: two to a byte for types of 4 bits, the first in the low half. */
  private static Tensor packed(DType dtype, Shape shape, byte[] codes) {
    if (dtype.bits() == 8) {
      return Tensor.of(dtype, shape, codes);
    }
    byte[] bytes = new byte[(codes.length + 1) / 2];
    for (int i = 0; i < codes.length / 2; i++) {
      bytes[i] = (byte) ((codes[2 * i] & 0xf) | (codes[2 * i + 1] << 4));
    }
    if (codes.length % 2 == 1) {
      bytes[bytes.length - 1] = (byte) (codes[codes.length - 1] & 0xf);
    }
    return Tensor.of(dtype, shape, bytes);
  }

  /** One tensor on its way, filled by all threads at places of their own. */
  private static final class Work {
    private final Tensor weights;
    private final BlockLayout layout;
    private final DType dtype;
    private final boolean search;
    private final byte[] codes;
    private final float[] scales;
    private final byte[] zeros;
    private final double[] noise;
    private final double[] signal;

    Work(Tensor weights, Form form, int tiles) {
      this.weights = weights;
      this.layout = form.layout();
      this.dtype = form.dtype();
      this.search = form.search();
      noise = new double[tiles];
      signal = new double[tiles];
      codes = new byte[weights.shape().intSize()];
      scales = new float[layout.blocks()];
      zeros = dtype.isUnsigned() ? new byte[scales.length] : null;
    }

    void encode(int number) {
      WeightTile tile = new WeightTile(layout, weights.segment(), number);
      signal[number] = sumOfSquares(tile.numbers);
      if (dtype.isFloating()) {
        floating(tile, number);
      } else {
        integers(tile, number);
      }
    }

    private void integers(WeightTile tile, int number) {
      IntegerBlocks blocks = new IntegerBlocks(tile, dtype, search);
      for (int c = 0; c < tile.columns; c++) {
        noise[number] += blocks.errors[c];
        scales[tile.first + c] = blocks.scales[c];
        if (zeros != null) {
          zeros[tile.first + c] = (byte) blocks.zeros[c];
        }
      }
      tile.store(blocks.codes(), codes);
    }

    /** The largest magnitude of each block becomes the format's largest number. */
    private void floating(WeightTile tile, int number) {
      MiniFloat format = MiniFloat.of(dtype);
      float[] largest = new float[tile.columns];
      for (int i = 0; i < tile.numbers.length; i++) {
        int c = i % tile.columns;
        largest[c] = Math.max(largest[c], Math.abs(tile.numbers[i]));
      }
      for (int c = 0; c < tile.columns; c++) {
        scales[tile.first + c] = largest[c] == 0 ? 1 : Math.max(largest[c] / format.max(), Float.MIN_NORMAL);
      }
      byte[] stored = new byte[tile.numbers.length];
      for (int i = 0; i < stored.length; i++) {
        float scale = scales[tile.first + i % tile.columns];
        int code = format.encode(tile.numbers[i] / scale, true);
        double off = (double) format.decode(code) * scale - tile.numbers[i];
        noise[number] += off * off;
        stored[i] = (byte) code;
      }
      tile.store(stored, codes);
    }

    private static double sumOfSquares(float[] numbers) {
      double sum = 0;
      for (float x : numbers) {
        sum += (double) x * x;
      }
      return sum;
    }
  }
}
