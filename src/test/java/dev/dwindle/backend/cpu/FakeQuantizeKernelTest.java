package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Long runs in chunks, short ones together, and rows: the same bytes for any number of threads, near the plain meaning. */
class FakeQuantizeKernelTest {
  @ParameterizedTest
  @CsvSource({"40, 3, 700, 1, 1", "3, 5, 17000, 1, 5", "300, 70, 5, 1, 70", "9, 800, 13, -1, 13", "500, 64, 1, 1, 64"})
  void threadsDoNotChangeTheSums(int batch, int channels, int inner, int axis, int count) {
    Model model = GraphText.parse(("<ir_version: 10, opset_import: [\"\" : 18, \"dev.dwindle\" : 1]> "
        + "g (float[%1$d,%2$d,%3$d] x, float[%4$d] s, float[%4$d] z, float[%1$d,%2$d,%3$d] g) => (dx, ds) "
        + "{ dx, ds = dev.dwindle.FakeQuantizeGradient <axis = %5$d, low = -8, high = 7> (x, s, z, g) }")
        .formatted(batch, channels, inner, count, axis));
    ShapeInference.of(model.graph()).store();
    Random random = new Random(9);
    Shape shape = Shape.of(batch, channels, inner);
    Map<String, Tensor> inputs = Map.of(
        "x", floats(shape, random.doubles(shape.intSize(), -4, 4).toArray()),
        "g", floats(shape, random.doubles(shape.intSize(), -1, 1).toArray()),
        "s", floats(Shape.of(count), random.doubles(count, 0.1, 0.5).toArray()),
        "z", floats(Shape.of(count), random.ints(count, -3, 3).asDoubleStream().toArray()));
    Map<String, Tensor> one = run(model, inputs, 1);
    List<Tensor> plain = Interpreter.run(model.graph(), inputs);
    Distance.assertClose("FakeQuantizeGradient", 1e-4, Map.of("dx", plain.get(0), "ds", plain.get(1)), one);
    for (int threads : new int[] {2, 5}) {
      Map<String, Tensor> more = run(model, inputs, threads);
      one.forEach((name, tensor) -> assertArrayEquals(tensor.bytes(), more.get(name).bytes(), name));
    }
  }

  private static Tensor floats(Shape shape, double[] values) {
    return Elements.ofDoubles(DType.FLOAT, shape, values);
  }

  private static Map<String, Tensor> run(Model model, Map<String, Tensor> inputs, int threads) {
    try (Backend cpu = new CpuBackend();
        Executable executable = cpu.compile(model.graph(), CompileOptions.DEFAULT.withThreads(threads));
        Bound bound = executable.bind()) {
      inputs.forEach(bound::set);
      bound.run();
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      bound.outputs().forEach((name, value) -> outputs.put(name, Tensor.of(value.shape(), value.floats())));
      return outputs;
    }
  }
}
