package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.pass.quantize.Quantize;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real networks as the pass quantizes them: trainable, the same numbers, and the same bytes again. */
@Tag("zoo")
class ZooFakeQuantizationTest {
  /** Sums in another order put an activation on the other side of the middle between two integers now and then. */
  private static final double FLIPPED = 1e-2;

  @TempDir
  Path folder;

  private static Model quantized(ZooModel zoo, String target, String bits, String activations) {
    Model model = OnnxReader.read(zoo.path());
    Simplification.simplify(model.graph());
    Quantize pass = new Quantize();
    Samples samples = Samples.of(List.of(new Sample(zoo.samples(), null, true)));
    Map<String, Object> settings = Map.of("weight_bits", bits, "activations", activations);
    try (CpuBackend cpu = new CpuBackend()) {
      pass.apply(model.graph(), new PassContext(pass.settings().check("test", settings), TargetProfile.of(target), cpu,
          samples, 1, 0, Progress.SILENT));
    }
    return model;
  }

  /** Activations of four bits not where there is a MaxPool: ONNX Runtime 1.32 lets that read integers, and then refuses those of four bits. */
  @ParameterizedTest
  @CsvSource({"LENET5, cpu, 8, uint8", "LENET5, onnxruntime, 4, int8", "RESNET20, cpu, 4, uint8",
      "RESNET20, onnxruntime, 8, uint8", "RESNET20_BN, onnxruntime, 8, uint8",
      "RESNET20, cpu, 4, uint4", "RESNET20, onnxruntime, 2, int4"})
  void computesTheSameAndComesBack(ZooModel zoo, String target, String bits, String activations) throws Exception {
    Model quantized = quantized(zoo, target, bits, activations);
    Model original = OnnxReader.read(zoo.path());
    Simplification.simplify(original.graph());
    for (FakeQuantization fake : List.of(FakeQuantization.of(quantized), FakeQuantization.of(quantized, original))) {
      Map<String, Tensor> expected = interpreted(quantized, zoo);
      Distance.assertClose("plain", 1e-5, expected, interpreted(fake.model(), zoo));
      Model standard = fake.model().copy();
      Backpropagation.standardize(standard);
      Distance.assertClose("of standard operators", 1e-5, expected, interpreted(standard, zoo));
      Distance.assertClose("ONNX Runtime", FLIPPED, expected,
          Distance.outputs(standard, folder.resolve("trainable.onnx"), zoo.samples()));
      assertEquals(GraphText.print(quantized.graph()), GraphText.print(fake.back(fake.model()).graph()));
    }
    Distance.assertClose("ONNX Runtime, in integers", FLIPPED, interpreted(quantized, zoo),
        Distance.outputs(quantized, folder.resolve("quantized.onnx"), zoo.samples()));
    assertEquals(0, unmatched(quantized, original));
    TrainingStep step = TrainingStep.of(FakeQuantization.of(quantized).model(), shapes(zoo),
        List.of(new TrainingStep.Goal(quantized.graph().outputs().getFirst().name(), new Loss.Divergence(1))),
        new TrainingStep.Update(new Optimizer.Sgd(0.9, 0)), FakeQuantization.of(quantized)::isTrained);
    assertTrue(step.parameters().size() > 10);
  }

  private static Map<String, Tensor> interpreted(Model model, ZooModel zoo) {
    List<Tensor> outputs = Interpreter.run(model.graph(), zoo.samples());
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int i = 0; i < outputs.size(); i++) named.put(model.graph().outputs().get(i).name(), outputs.get(i));
    return named;
  }

  /** Weights that do not begin with the original's. */
  private static int unmatched(Model quantized, Model original) {
    List<Tensor> plain = weights(FakeQuantization.of(quantized));
    List<Tensor> matched = weights(FakeQuantization.of(quantized, original));
    int same = 0;
    for (int i = 0; i < plain.size(); i++) {
      if (plain.get(i).contentEquals(matched.get(i))) same++;
    }
    return same;
  }

  private static List<Tensor> weights(FakeQuantization fake) {
    List<Tensor> weights = new ArrayList<>();
    for (Value constant : fake.model().graph().constants()) {
      if (fake.kind(constant) == FakeQuantization.Kind.WEIGHT) weights.add(constant.tensor());
    }
    return weights;
  }

  private static Map<String, Shape> shapes(ZooModel zoo) {
    Map<String, Shape> shapes = new HashMap<>();
    zoo.samples().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    return shapes;
  }
}
