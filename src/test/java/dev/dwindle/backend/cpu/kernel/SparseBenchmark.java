package dev.dwindle.backend.cpu.kernel;

import dev.dwindle.backend.cpu.BenchmarkMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Products that leave zeros out beside those that do not, on one thread: {@code SparseBenchmark SECONDS [FILE]}, so many a layer and share of zeros. Tells for
 * each how many times as fast it is, of the least times of runs in turn, and from which share of zeros on it is faster.
 */
public final class SparseBenchmark {
  private static final double[] ZEROS = {0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98};

  private record Layer(String name, float[] weights, Making dense, Making sparse) {}

  private interface Making {
    Step of(float[] weights);
  }

  private SparseBenchmark() {}

  public static void main(String[] args) throws IOException {
    double seconds = Double.parseDouble(args[0]);
    String machine = BenchmarkMachine.json();
    List<String> rows = new ArrayList<>();
    try (Workers one = new Workers(1)) {
      for (Layer layer : layers()) {
        speed(layer, 0.9, 5 * seconds, one); // warms up
        StringBuilder speeds = new StringBuilder();
        double breakEven = 1;
        double before = 0;
        double fewer = 0;
        for (double zeros : ZEROS) {
          double speed = speed(layer, zeros, seconds, one);
          speeds.append(String.format(Locale.ROOT, "%s\"%.2f\": %.2f", speeds.isEmpty() ? "" : ", ", zeros, speed));
          if (breakEven == 1 && speed >= 1)
            breakEven = zeros == ZEROS[0] ? zeros : zeros - (zeros - fewer) * (speed - 1) / (speed - before);
          before = speed;
          fewer = zeros;
        }
        rows.add(String.format(Locale.ROOT, "    {\"layer\": \"%s\", \"breakEven\": %.2f, \"speedup\": {%s}}",
            layer.name, breakEven, speeds));
        System.out.println(rows.getLast());
      }
    }
    if (args.length > 1) {
      Files.writeString(Path.of(args[1]),
          "{\n  \"what\": \"FP32 layers whose weights are zero at random, one thread: how many times as fast a product is that leaves zeros out, by share of zeros; "
              + "least times of runs in turn in one process\",\n  \"taken_from\": {\"one tap and products\": "
              + SparseTile.worth(false) + ", \"more taps\": " + SparseTile.worth(true) + "}"
              + ",\n  \"machine\": "
              + machine
              + ",\n  \"layers\": [\n" + String.join(",\n", rows) + "\n  ]\n}\n");
    }
  }

  private static List<Layer> layers() {
    List<Layer> layers = new ArrayList<>();
    int[][] convolutions = {{16, 16, 32, 3}, {32, 32, 16, 3}, {64, 64, 8, 3}, {64, 64, 32, 3}, {128, 128, 16, 3},
        {256, 256, 14, 3}, {64, 64, 28, 1}, {256, 256, 14, 1}, {128, 512, 14, 1}};
    for (int[] c : convolutions) layers.add(convolution(c[0], c[1], c[2], c[3]));
    int[][] products = {{32, 384, 384}, {128, 384, 384}, {128, 1536, 384}, {128, 384, 1536}, {512, 512, 512}};
    for (int[] p : products) layers.add(product(p[0], p[1], p[2]));
    return layers;
  }

  private static Layer convolution(int channels, int features, int size, int kernel) {
    Window.Axis axis = Window.Axis.of(size, kernel, 1, 1, kernel / 2, kernel / 2);
    Convolution.Shape shape = new Convolution.Shape(1, 1, channels, features, new Window(axis, axis));
    Slice x = Slice.of(PlainLoops.random(channels * size * size, 1));
    return new Layer("Conv %dx%d, %d to %d, %dx%d".formatted(kernel, kernel, channels, features, size, size),
        PlainLoops.random(features * shape.depth(), 2),
        w -> bound(Convolution.withWeights(shape, Finish.NONE, w), x, features * size * size),
        w -> {
          SparseConvolution sparse = SparseConvolution.of(shape, Finish.NONE, SparseConvolution.weights(shape, w));
          return sparse.on(x, Slice.of(new float[features * size * size]), null, Slice.of(new float[sparse.scratch()]));
        });
  }

  private static Step bound(Convolution convolution, Slice x, int outputs) {
    return convolution.on(x, null, Slice.of(new float[outputs]), null, Slice.of(new float[convolution.scratch()]));
  }

  private static Layer product(int m, int n, int k) {
    MatMul.Shape shape = new MatMul.Shape(1, m, n, k);
    Slice a = Slice.of(PlainLoops.random(m * k, 1));
    MatMul.Layout left = MatMul.Layout.rowMajor(k);
    MatMul.Layout right = MatMul.Layout.rowMajor(n);
    return new Layer("MatMul %dx%d by %dx%d".formatted(m, k, k, n), PlainLoops.random(k * n, 2), w -> {
      MatMul dense = MatMul.withWeights(shape, left, right, right, Finish.NONE, w);
      return dense.on(a, null, Slice.of(new float[m * n]), null, Slice.of(new float[dense.scratch()]));
    }, w -> {
      SparseMatMul sparse = SparseMatMul.of(shape, left, Finish.NONE, SparseMatMul.weights(k, n, right, w));
      return sparse.on(a, Slice.of(new float[m * n]), null, Slice.of(new float[sparse.scratch()]));
    });
  }

  /** Times the dense product's least time is of the sparse one's. */
  private static double speed(Layer layer, double zeros, double seconds, Workers one) {
    float[] weights = layer.weights.clone();
    Random random = new Random(1);
    for (int i = 0; i < weights.length; i++) if (random.nextDouble() < zeros) weights[i] = 0;
    Step[] steps = {layer.dense.of(weights), layer.sparse.of(weights)};
    long[] least = {Long.MAX_VALUE, Long.MAX_VALUE};
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      for (int i = 0; i < 2; i++) {
        for (int run = 0; run < 5; run++) {
          long begun = System.nanoTime();
          steps[i].run(one);
          least[i] = Math.min(least[i], System.nanoTime() - begun);
        }
      }
    }
    return (double) least[0] / least[1];
  }
}
