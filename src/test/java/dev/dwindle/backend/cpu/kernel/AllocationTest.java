package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * A bound convolution runs without allocating, once it is compiled. In a JVM of its own: whether the compiler keeps vectors in
 * registers depends on what else it has seen, and other tests show it every kind of kernel.
 */
class AllocationTest {
  @Test
  void aBoundConvolutionAllocatesNothing() throws Exception {
    Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules", "jdk.incubator.vector",
        "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), AllocationTest.class.getName())
        .redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertEquals("0 bytes", output.lines().toList().getLast());
  }

  public static void main(String[] args) {
    Window.Axis axis = Window.Axis.of(14, 3, 1, 1, 1, 1);
    Convolution convolution = Convolution.withWeights(new Convolution.Shape(1, 1, 8, 16, new Window(axis, axis)),
        new Finish(new float[16], Activation.RELU), PlainLoops.random(16 * 72, 2));
    Step step = convolution.on(Slice.of(new float[8 * 196]), null, Slice.of(new float[16 * 196]), null,
        Slice.of(new float[convolution.scratch()]));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    try (Workers one = new Workers(1)) {
      // Until the compiler has come, vectors themselves are objects.
      for (int i = 0; i < 200_000 && least > 0; i++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        step.run(one);
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
    }
    System.out.println(least + " bytes");
  }
}
