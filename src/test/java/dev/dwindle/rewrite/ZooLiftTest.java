package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cpu.OrtModel;
import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each zoo model, lifted to each operator set that ONNX Runtime's Java package reads, gives the same outputs there. */
@Tag("zoo")
class ZooLiftTest {
  private static final int NEWEST_IN_RUNTIME = 26;
  private static final double LIMIT = 1e-6;

  @TempDir
  Path folder;

  @ParameterizedTest
  @EnumSource
  void outputsStayTheSame(ZooModel zoo) throws Exception {
    assertNotNull(zoo.path(), zoo.fileName() + " is not in the zoo; name the folder where it was made by "
        + "-Ddwindle.zoo.made");
    Model original = OnnxReader.read(zoo.path());
    Map<String, Tensor> expected = outputs(zoo.path(), zoo);
    for (int opset = original.graph().opset("") + 1; opset <= NEWEST_IN_RUNTIME; opset++) {
      Model lifted = original.copy();
      OpsetLift.lift(lifted, opset);
      GraphVerifier.verify(lifted.graph());
      assertEquals(opset, lifted.graph().opset(""));
      Path file = folder.resolve(zoo.fileName() + "_" + opset + ".onnx");
      OnnxWriter.write(lifted, file);
      assertClose(zoo.fileName() + " at opset " + opset, expected, outputs(file, zoo));
    }
  }

  private static Map<String, Tensor> outputs(Path file, ZooModel zoo) throws Exception {
    try (OrtModel judge = new OrtModel(file, 1, zoo.samples())) {
      return judge.outputs();
    }
  }

  private static void assertClose(String what, Map<String, Tensor> expected, Map<String, Tensor> actual) {
    assertEquals(expected.keySet(), actual.keySet(), what);
    expected.forEach((name, tensor) -> {
      assertEquals(tensor.shape(), actual.get(name).shape(), what + ", " + name);
      double distance = distance(Elements.doubles(tensor), Elements.doubles(actual.get(name)));
      assertTrue(distance <= LIMIT, what + ", " + name + ": relative L2 is " + distance);
    });
  }

  private static double distance(double[] a, double[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - b[i]) * (a[i] - b[i]);
      norm += a[i] * a[i];
    }
    return Math.sqrt(difference / norm);
  }
}
