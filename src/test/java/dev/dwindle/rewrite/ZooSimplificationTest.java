package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("zoo")
class ZooSimplificationTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @MethodSource("dev.dwindle.backend.cpu.ZooModel#chosen")
  void outputsStayTheSame(ZooModel zoo) throws Exception {
    assertNotNull(zoo.path(), zoo.fileName() + " is not in the zoo; name the folder where it was made by "
        + "-Ddwindle.zoo.made");
    Model model = OnnxReader.read(zoo.path());
    List<String> required = model.graph().requiredInputs().stream().map(Value::name).toList();
    int before = count(model.graph());
    Simplification.simplify(model.graph());
    GraphVerifier.verify(model.graph());
    assertTrue(count(model.graph()) <= before);
    assertEquals(required, model.graph().requiredInputs().stream().map(Value::name).toList());
    assertEquals(Map.of(), Simplification.simplify(model.graph()), "a second run finds nothing left");

    Map<String, Tensor> inputs = zoo.samples();
    Distance.assertClose(zoo.fileName(), 5e-6, Distance.outputs(zoo.path(), inputs),
        Distance.outputs(model, folder.resolve("simple.onnx"), inputs));
  }

  @Test
  void batchNormalizationAndComputedShapesGoAsIfTheyHadNeverBeen() throws Exception {
    Model model = OnnxReader.read(ZooModel.RESNET20_BN.path());
    Simplification.simplify(model.graph());
    assertEquals(operators(OnnxReader.read(ZooModel.RESNET20.path()).graph()), operators(model.graph()));
    assertEquals("N", model.graph().inputs().getFirst().tensorType().dim(0).toString());

    float[] numbers = new float[3 * 3 * 32 * 32];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) Math.sin(i * 0.7) * 2;
    }
    Map<String, Tensor> batch = new HashMap<>(Map.of("input", Tensor.of(Shape.of(3, 3, 32, 32), numbers)));
    Distance.assertClose("batch of 3", 1e-6, Distance.outputs(ZooModel.RESNET20_BN.path(), batch),
        Distance.outputs(model, folder.resolve("simple.onnx"), batch));
  }

  private static Map<String, Integer> operators(Graph graph) {
    Map<String, Integer> counts = new TreeMap<>();
    graph.nodes().forEach(n -> counts.merge(n.operator(), 1, Integer::sum));
    return counts;
  }

  private static int count(Graph graph) {
    int count = 0;
    for (Node node : graph.nodes()) {
      count += 1 + node.subgraphs().stream().mapToInt(ZooSimplificationTest::count).sum();
    }
    return count;
  }
}
