package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels' tests once more, in JVMs that are told to use narrower vectors or fewer registers, or to be brief. */
class VectorWidthsTest {
  private static final List<Class<?>> TESTS = List.of(ActivationTest.class, MatMulTest.class, ConvolutionTest.class,
      IntegerKernelsTest.class, DirectPoolTest.class, SoftmaxTest.class, SparseProductsTest.class,
      SharedProductsTest.class);

  @ParameterizedTest
  @ValueSource(strings = {"-XX:MaxVectorSize=16", "-XX:MaxVectorSize=32", "-XX:MaxVectorSize=64", "-XX:UseAVX=2",
      "-Ddwindle.brief=true"})
  void passesWith(String flag) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+IgnoreUnrecognizedVMOptions", flag, "--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC",
        "-cp", System.getProperty("java.class.path"), VectorWidthsTest.class.getName())
        .redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("passed on"), output);
  }

  public static void main(String[] args) throws Exception {
    int passed = 0;
    for (Class<?> type : TESTS) {
      Constructor<?> constructor = type.getDeclaredConstructor();
      for (Method method : type.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Test.class)) {
          method.invoke(constructor.newInstance());
          passed++;
        }
      }
    }
    System.out.println(passed + " tests passed on " + Machine.current());
  }
}
