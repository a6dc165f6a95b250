package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each zoo model, lifted to each operator set that ONNX Runtime's Java package reads, gives the same outputs there. */
@Tag("zoo")
class ZooLiftTest {
  private static final int NEWEST_IN_RUNTIME = 26;

  @TempDir
  Path folder;

  @ParameterizedTest
  @MethodSource("dev.dwindle.backend.cpu.ZooModel#chosen")
  void outputsStayTheSame(ZooModel zoo) throws Exception {
    assertNotNull(zoo.path(), zoo.fileName() + " is not in the zoo; name the folder where it was made by "
        + "-Ddwindle.zoo.made");
    Model original = OnnxReader.read(zoo.path());
    Map<String, Tensor> expected = Distance.outputs(zoo.path(), zoo.samples());
    Path file = folder.resolve("lifted.onnx");
    for (int opset = original.graph().opset("") + 1; opset <= NEWEST_IN_RUNTIME; opset++) {
      Model lifted = original.copy();
      OpsetLift.lift(lifted, opset);
      GraphVerifier.verify(lifted.graph());
      assertEquals(opset, lifted.graph().opset(""));
      Distance.assertClose(zoo.fileName() + " at opset " + opset, 1e-6, expected,
          Distance.outputs(lifted, file, zoo.samples()));
    }
  }
}
