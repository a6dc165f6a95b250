package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cpu.OrtModel;
import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;

/** Compares what two models compute in ONNX Runtime. */
public final class Distance {
  private Distance() {}

  /** The outputs of a model file. */
  public static Map<String, Tensor> outputs(Path file, Map<String, Tensor> inputs) throws Exception {
    try (OrtModel judge = new OrtModel(file, 1, inputs)) {
      return judge.outputs();
    }
  }

  /** The outputs of a model, written to a file first. */
  public static Map<String, Tensor> outputs(Model model, Path file, Map<String, Tensor> inputs) throws Exception {
    OnnxWriter.write(model, file);
    return outputs(file, inputs);
  }

  /** Same names and shapes, numbers within a relative L2 distance. */
  public static void assertClose(String what, double limit, Map<String, Tensor> expected, Map<String, Tensor> actual) {
    assertEquals(expected.keySet(), actual.keySet(), what);
    expected.forEach((name, tensor) -> {
      assertEquals(tensor.shape(), actual.get(name).shape(), what + ", " + name);
      double distance = distance(Elements.doubles(tensor), Elements.doubles(actual.get(name)));
      assertTrue(distance <= limit,
          what + ", " + name + ": relative L2 is " + distance + ", expected at most " + limit);
    });
  }

  private static double distance(double[] a, double[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - b[i]) * (a[i] - b[i]);
      norm += a[i] * a[i];
    }
    return difference == 0 ? 0 : Math.sqrt(difference / norm);
  }
}
