package dev.dwindle.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.PartitionedExecutable;
import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The models of the zoo on {@code openvino:CPU} against their plain meaning, each whole on the device. */
@Tag("openvino")
@Tag("zoo")
class OpenVinoZooTest {
  private static final double LIMIT = 1e-5;

  @ParameterizedTest
  @MethodSource("dev.dwindle.backend.cpu.ZooModel#chosen")
  void equalsThePlainMeaning(ZooModel zoo) {
    Model model = OnnxReader.read(zoo.path());
    Map<String, Tensor> samples = zoo.samples();
    Map<String, Shape> shapes = new HashMap<>();
    samples.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    List<Tensor> expected = Interpreter.run(model.graph(), samples);
    try (Backend backend = InstalledOpenVino.cpu();
        PartitionedExecutable executable = (PartitionedExecutable) backend.compile(model.graph(),
            CompileOptions.DEFAULT.withShapes(shapes));
        Bound bound = executable.bind()) {
      assertEquals(List.of(), executable.partition().causes());
      samples.forEach(bound::set);
      bound.run();
      List<Value> outputs = model.graph().outputs();
      for (int i = 0; i < outputs.size(); i++) {
        double distance = distance(expected.get(i), bound.outputs().get(outputs.get(i).name()));
        assertTrue(distance <= LIMIT, outputs.get(i).name() + ": relative L2 is " + distance);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("withRanks")
  void isTakenWholeWithoutShapes(ZooModel zoo) {
    try (Backend backend = InstalledOpenVino.cpu();
        PartitionedExecutable executable = (PartitionedExecutable) backend.compile(OnnxReader.read(zoo.path()).graph(),
            CompileOptions.DEFAULT)) {
      assertEquals(List.of(), executable.partition().causes());
    }
  }

  /** All but the one with an If whose results have no rank that anyone knows without the shapes. */
  static Stream<ZooModel> withRanks() {
    return ZooModel.chosen().filter(zoo -> zoo != ZooModel.SILERO);
  }

  /** |a - b| / |a|, Euclidean. */
  private static double distance(Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    double[] a = Elements.doubles(expected);
    double[] b = Elements.doubles(actual);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - b[i]) * (a[i] - b[i]);
      norm += a[i] * a[i];
    }
    return Math.sqrt(difference / norm);
  }
}
