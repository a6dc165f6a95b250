package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Weights that are zero are left out where that pays, and the profile says which. */
class SparsityTest {
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 17]>
      net (float[1,8,20,20] x) => (float[16,400] y, float[64,96] q)
      <float[16,8,3,3] w = random(1), float[16] b = random(2), float[400,400] m = random(3), float[96,50] g = random(5), float[96] o = random(6),
       int64[2] s = {16, 400}, int64[2] t = {64, 50}>
      {
        c = Conv<pads = [1, 1, 1, 1]>(x, w, b)  r = Relu(c)  f = Reshape(r, s)  p = MatMul(f, m)  y = Add(p, f)
        u = Reshape(x, t)  q = Gemm<transB = 1, alpha = 0.5>(u, g, o)
      }
      """;

  private static Model net(double zeros) {
    Model model = GraphText.parse(NET);
    Random random = new Random(3);
    for (String name : List.of("w", "m", "g")) {
      Value value = model.graph().value(name);
      float[] values = value.tensor().floats();
      for (int i = 0; i < values.length; i++) if (random.nextDouble() < zeros) values[i] = 0;
      model.graph().setConstant(value, Constant.of(Tensor.of(value.tensor().shape(), values)));
    }
    ShapeInference.of(model.graph()).store();
    return model;
  }

  private static List<String> check(Model model) {
    float[] x = new float[8 * 400];
    Random random = new Random(9);
    for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
    Map<String, Tensor> inputs = Map.of("x", Tensor.of(Shape.of(1, 8, 20, 20), x));
    List<Tensor> expected = Interpreter.run(model.graph(), inputs);
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT
            .withProfile(true));
        Bound bound = executable.bind()) {
      inputs.forEach(bound::set);
      bound.run();
      assertArrayEquals(expected.get(0).floats(), bound.outputs().get("y").floats(), 1e-3f);
      assertArrayEquals(expected.get(1).floats(), bound.outputs().get("q").floats(), 1e-3f);
      return bound.profile().stream().map(NodeTime::kernel).filter(k -> k.startsWith("conv") || k.startsWith("matrix"))
          .toList();
    }
  }

  @Test
  void leavesOutManyZeros() {
    List<String> kernels = check(net(0.95));
    assertEquals(3, kernels.size());
    assertTrue(kernels.getFirst().matches("convolution, sparse: 9\\d % zeros left out"), kernels::toString);
    // 16 rows fill no tile of wide vectors.
    assertTrue(
        kernels.get(1).matches(
            "matrix product, (sparse: 9\\d % zeros left out|dense: 9\\d % zeros, in this form they are not worth leaving out)"),
        kernels::toString);
    assertTrue(kernels.get(2).matches("matrix product, sparse: 9\\d % zeros left out"), kernels::toString);
  }

  @Test
  void multipliesByFewZeros() {
    assertEquals(List.of("convolution", "matrix product", "matrix product"), check(net(0.05)));
    for (String kernel : check(net(0.4))) {
      assertTrue(kernel.matches(
          "(convolution|matrix product), dense: (3|4)\\d % zeros, (\\d\\d % are worth leaving out|in this form they are not worth leaving out)"),
          kernel);
    }
  }

  /** A column of weights is a row for a product that reads it transposed, at the same strides. */
  @Test
  void oneConstantMayBeReadInTwoWays() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[80,80] x, float[80,1] z) => (float[80,1] y, float[80,80] q) <float[80,1] w = random(1)>
        { y = Gemm(x, w)  q = Gemm<transB = 1>(z, w) }""");
    Value w = model.graph().value("w");
    float[] values = w.tensor().floats();
    for (int i = 0; i < values.length; i++) if (i % 20 != 0) values[i] = 0;
    model.graph().setConstant(w, Constant.of(Tensor.of(w.tensor().shape(), values)));
    ShapeInference.of(model.graph()).store();
    Map<String, Tensor> inputs = dev.dwindle.rewrite.Samples.of(model.graph(), 3);
    List<Tensor> expected = Interpreter.run(model.graph(), inputs);
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      inputs.forEach(bound::set);
      bound.run();
      assertArrayEquals(expected.get(0).floats(), bound.outputs().get("y").floats(), 1e-4f);
      assertArrayEquals(expected.get(1).floats(), bound.outputs().get("q").floats(), 1e-4f);
    }
  }

  /** Nearly all positions of a kernel as wide as its image would lie between the outputs. */
  @Test
  void wideKernelsStayDense() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[1,1,200,60] x) => (float[1,8,198,1] y) <float[8,1,3,60] w = {0}> { y = Conv(x, w) }""");
    ShapeInference.of(model.graph()).store();
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT.withProfile(true));
        Bound bound = executable.bind()) {
      dev.dwindle.rewrite.Samples.of(model.graph(), 3).forEach(bound::set);
      bound.run();
      assertEquals("convolution, dense: 100 % zeros, in this form they are not worth leaving out",
          bound.profile().getFirst().kernel());
    }
  }
}
