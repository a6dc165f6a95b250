package dev.dwindle.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Partition;
import dev.dwindle.backend.Partitioned;
import dev.dwindle.backend.PartitionedExecutable;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.backend.cpu.ZooAgreementTest;
import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.graph.Graph;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every model of the zoo runs whole in ONNX Runtime, and means what the plain loops say. */
@Tag("zoo")
class ZooPlainMeaningTest {
  private static final double LIMIT = 1e-5;

  @ParameterizedTest
  @MethodSource("dev.dwindle.backend.cpu.ZooModel#chosen")
  void meansWhatThePlainLoopsSay(ZooModel model) {
    assertNotNull(model.path(), model.fileName() + " is not in the zoo; make it with: prepare.py target/zoo");
    Graph graph = OnnxReader.read(model.path()).graph();
    Map<String, Tensor> samples = model.samples();
    List<Tensor> expected = Interpreter.run(graph, samples);
    try (Partitioned backend = new Partitioned(new OnnxRuntimeBackend(), new CpuBackend());
        PartitionedExecutable executable = backend.compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      assertEquals(List.of(true), executable.partition().parts().stream().map(Partition.Part::primary).toList());
      samples.forEach(bound::set);
      bound.run();
      for (int i = 0; i < expected.size(); i++) {
        String name = graph.outputs().get(i).name();
        ZooAgreementTest.assertClose(name, expected.get(i), bound.outputs().get(name), LIMIT);
      }
    }
  }
}
