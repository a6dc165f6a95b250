package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results of kernels to the last bit, in JVMs that compile everything, little or nothing, or are told to be brief. */
class SameBitsTest {
  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-Ddwindle.brief=true"})
  void areTheSameWith(String flag) throws Exception {
    assertEquals(bits("-XX:+UseSerialGC", "20000"), bits(flag, flag.startsWith("-D") ? "20000" : "1"));
  }

  private static List<String> bits(String flag, String runs) throws Exception {
    Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), flag, "--add-modules",
        "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"), SameBitsTest.class.getName(), runs)
        .redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    List<String> lines = output.lines().filter(line -> line.startsWith("bits of ")).toList();
    assertEquals(kernels().size(), lines.size(), output);
    return lines;
  }

  private record Kernel(String name, Step step, Slice result) {}

  /** Rows that fill no tile and no vector. */
  private static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    Slice y = Slice.of(new float[3 * 207]);
    Slice x = Slice.of(PlainLoops.random(3 * 207, 1));
    float[] scale = PlainLoops.random(207, 2);
    kernels.add(new Kernel("normalization", new NormRows(3, 207, 1e-5f, true, scale, null).on(x, y), y));
    kernels.add(new Kernel("softmax", new SoftmaxRows(3, 207, 1, null, 0).on(x, null, y), y));
    for (int rows : new int[] {1, 7, 13}) {
      MatMul product = MatMul.withWeights(new MatMul.Shape(1, rows, 63, 33), MatMul.Layout.rowMajor(33),
          MatMul.Layout.rowMajor(63), MatMul.Layout.rowMajor(63), new Finish(PlainLoops.random(63, 3), Activation.NONE),
          PlainLoops.random(33 * 63, 4));
      Slice c = Slice.of(new float[rows * 63]);
      Slice scratch = Slice.of(new float[product.scratch()]);
      kernels.add(new Kernel("product of " + rows + " rows",
          product.on(Slice.of(PlainLoops.random(rows * 33, 5)), null, c, null, scratch), c));
      Window.Axis axis = Window.Axis.of(9, 3, 1, 1, 1, 1);
      Convolution convolution = Convolution.withWeights(new Convolution.Shape(1, 1, 4, rows, new Window(axis, axis)),
          new Finish(PlainLoops.random(rows, 6), Activation.RELU), PlainLoops.random(rows * 36, 7));
      Slice planes = Slice.of(new float[rows * 81]);
      kernels.add(new Kernel("convolution to " + rows + " channels",
          convolution.on(Slice.of(PlainLoops.random(4 * 81, 8)), null, planes, null,
              Slice.of(new float[convolution.scratch()])),
          planes));
    }
    return kernels;
  }

  public static void main(String[] args) {
    try (Workers one = new Workers(1)) {
      for (Kernel kernel : kernels()) {
        for (int i = 0; i < Integer.parseInt(args[0]); i++) {
          kernel.step().run(one);
        }
        System.out.println("bits of " + kernel.name() + ": " + Arrays.hashCode(kernel.result().array()));
      }
    }
  }
}
