package dev.dwindle.backend.cpu.kernel;

import dev.dwindle.backend.cpu.BenchmarkMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A row times weights of sixteen values, from places of four bits beside from FP32, on one thread: {@code SharedBenchmark SECONDS FILE}, so many a size. Tells the median and the
 * ends of the middle 95 % of the ratios of runs in turn.
 */
public final class SharedBenchmark {
  private static final int[][] SIZES = {{256, 256}, {784, 300}, {512, 512}, {1024, 512}, {1024, 1024}, {2048, 1024},
      {2048, 2048}, {4096, 2048}, {4096, 4096}, {9216, 4096}};

  private SharedBenchmark() {}

  public static void main(String[] args) throws IOException {
    double seconds = Double.parseDouble(args[0]);
    String machine = BenchmarkMachine.json();
    List<String> rows = new ArrayList<>();
    try (Workers one = new Workers(1)) {
      time(SIZES[0], 5 * seconds, one); // warms up
      for (int[] size : SIZES) {
        double[] ratios = time(size, seconds, one);
        rows.add(String.format(Locale.ROOT,
            "    {\"rows\": %d, \"columns\": %d, \"bytesOfFp32\": %d, \"speedup\": {\"median\": %.2f, \"low\": %.2f, \"high\": %.2f}, \"pairs\": %d}",
            size[0], size[1], 4L * size[0] * size[1], ratios[ratios.length / 2], ratios[(int) (0.025 * ratios.length)],
            ratios[(int) (0.975 * (ratios.length - 1))], ratios.length));
        System.out.println(rows.getLast());
      }
    }
    Files.writeString(Path.of(args[1]),
        "{\n  \"what\": \"a row times weights of 16 values, one thread: how many times as fast from places of 4 bits as from FP32; median and the middle 95 % of neighbouring runs "
            + "in turn in one process\",\n  \"machine\": " + machine + ",\n  \"products\": [\n"
            + String.join(",\n", rows)
            + "\n  ]\n}\n");
  }

  /** Ratios of neighbouring runs, ascending. */
  private static double[] time(int[] size, double seconds, Workers one) {
    int k = size[0];
    int n = size[1];
    Random random = new Random(1);
    float[] values = PlainLoops.random(SharedPanels.MOST_VALUES, 2);
    float[] weights = new float[k * n];
    for (int i = 0; i < weights.length; i++) weights[i] = values[random.nextInt(values.length)];
    MatMul.Shape shape = new MatMul.Shape(1, 1, n, k);
    MatMul.Layout left = MatMul.Layout.rowMajor(k);
    MatMul.Layout right = MatMul.Layout.rowMajor(n);
    Slice a = Slice.of(PlainLoops.random(k, 1));
    Slice c = Slice.of(new float[n]);
    Step dense = MatMul.withWeights(shape, left, right, right, Finish.NONE, weights).on(a, null, c, null, null);
    Step shared = MatMul.withShared(shape, left, right, right, Finish.NONE, SharedPanels.of(k, n, right, weights))
        .on(a, null, c, null, null);
    int runs = Math.max(1, 2_000_000 / weights.length);
    List<Double> ratios = new ArrayList<>();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end || ratios.size() < 20) {
      long first = nanos(dense, runs, one);
      ratios.add((double) first / nanos(shared, runs, one));
    }
    double[] sorted = ratios.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }

  private static long nanos(Step step, int runs, Workers one) {
    long begun = System.nanoTime();
    for (int i = 0; i < runs; i++) step.run(one);
    return System.nanoTime() - begun;
  }
}
