package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.rewrite.Samples;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** A single row times large weights of a few values runs from places, and the profile says so. */
class SharedWeightsTest {
  private static final String SHARED = "matrix product, from places of 4 bits in a list of values";

  private static Model net(int rows, int values) {
    Model model = GraphText.parse(
        """
            <ir_version: 8, opset_import: ["": 17]>
            net (float[%1$d,700] x) => (float[%1$d,500] y, float[%1$d,600] q) <float[700,500] w = random(1), float[600,500] g = random(2), float[600] o = random(3)>
            { y = MatMul(x, w)  r = Relu(y)  q = Gemm<transB = 1, alpha = 0.5>(r, g, o) }"""
            .formatted(rows));
    Random random = new Random(3);
    for (String name : List.of("w", "g")) {
      Value value = model.graph().value(name);
      float[] floats = value.tensor().floats();
      for (int i = 0; i < floats.length; i++) floats[i] = (random.nextInt(values) - 7.5f) / 100;
      model.graph().setConstant(value, Constant.of(Tensor.of(value.tensor().shape(), floats)));
    }
    ShapeInference.of(model.graph()).store();
    return model;
  }

  private static List<String> kernels(Model model) {
    Map<String, Tensor> inputs = Samples.of(model.graph(), 3);
    List<Tensor> expected = Interpreter.run(model.graph(), inputs);
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT.withProfile(true));
        Bound bound = executable.bind()) {
      inputs.forEach(bound::set);
      bound.run();
      assertArrayEquals(expected.get(0).floats(), bound.outputs().get("y").floats(), 1e-4f);
      assertArrayEquals(expected.get(1).floats(), bound.outputs().get("q").floats(), 1e-4f);
      return bound.profile().stream().map(NodeTime::kernel).filter(kernel -> kernel.startsWith("matrix")).toList();
    }
  }

  @Test
  void aRowTimesLargeWeightsOfAFewValues() {
    boolean wide = FloatVector.SPECIES_PREFERRED.length() == 16;
    String large = wide ? SHARED : "matrix product";
    assertEquals(List.of(large, large), kernels(net(1, 16)));
    assertEquals(List.of("matrix product", "matrix product"), kernels(net(1, 17)));
    assertEquals(List.of("matrix product", "matrix product"), kernels(net(2, 16)));
  }
}
