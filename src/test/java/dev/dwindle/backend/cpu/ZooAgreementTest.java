package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("zoo")
public class ZooAgreementTest {
  private static final double LIMIT = 1e-5;

  @ParameterizedTest
  @MethodSource("dev.dwindle.backend.cpu.ZooModel#chosen")
  void agreesWithOnnxRuntime(ZooModel model) throws Exception {
    assertNotNull(model.path(),
        model.fileName() + " is not in the zoo; make it with: prepare.py target/zoo, or name its folder by "
            + "-Ddwindle.zoo.made");
    assertAgrees(model.path(), model.samples(), LIMIT);
  }

  /** Runs a file in both and compares every output. */
  static void assertAgrees(Path file, Map<String, Tensor> samples, double limit) throws Exception {
    Map<String, Tensor> expected;
    try (OrtModel judge = new OrtModel(file, 1, samples)) {
      expected = judge.outputs();
    }
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(OnnxReader.read(file).graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      samples.forEach(bound::set);
      bound.run();
      Map<String, Tensor> actual = bound.outputs();
      assertEquals(expected.keySet(), actual.keySet());
      expected.forEach((name, tensor) -> assertClose(name, tensor, actual.get(name), limit));
    }
  }

  /** Same shape, and numbers within a relative L2 distance. */
  public static void assertClose(String name, Tensor expected, Tensor actual, double limit) {
    assertEquals(expected.shape(), actual.shape(), name);
    double difference = distance(Elements.doubles(expected), Elements.doubles(actual));
    assertTrue(difference <= limit, name + ": relative L2 is " + difference + ", expected at most " + limit);
  }

  /** |a - b| / |a|, Euclidean. */
  public static double distance(double[] a, double[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - b[i]) * (a[i] - b[i]);
      norm += a[i] * a[i];
    }
    return Math.sqrt(difference / norm);
  }
}
