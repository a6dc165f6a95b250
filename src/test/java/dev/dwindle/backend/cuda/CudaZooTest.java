package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Partitioned;
import dev.dwindle.backend.PartitionedExecutable;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.backend.cpu.ZooAgreementTest;
import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.graph.Graph;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The models of the zoo on an emulated GPU, whole but for the one with branches, against the CPU, which ONNX Runtime has judged. */
@Tag("zoo")
@Tag("compiler")
class CudaZooTest {
  private static final Device DEVICE = EmulatedDevice.of(false);
  private static final double LIMIT = 1e-5;

  @ParameterizedTest
  @MethodSource("dev.dwindle.backend.cpu.ZooModel#chosen")
  void agreesWithTheCpu(ZooModel zoo) {
    Graph graph = OnnxReader.read(zoo.path()).graph();
    Map<String, Tensor> samples = zoo.samples();
    Map<String, Shape> shapes = new HashMap<>();
    samples.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    CompileOptions options = CompileOptions.DEFAULT.withShapes(shapes);
    try (Backend cpu = new CpuBackend();
        Executable judge = cpu.compile(graph, options);
        Bound expected = judge.bind();
        Partitioned cuda = new Partitioned(new CudaBackend("cuda:0", DEVICE), new CpuBackend());
        PartitionedExecutable executable = cuda.compile(graph, options);
        Bound actual = executable.bind()) {
      if (zoo != ZooModel.SILERO) assertEquals(List.of(), executable.partition().causes());
      for (Bound bound : List.of(expected, actual)) {
        samples.forEach(bound::set);
        bound.run();
      }
      expected.outputs()
          .forEach((name, tensor) -> ZooAgreementTest.assertClose(name, tensor, actual.outputs().get(name), LIMIT));
    }
  }
}
