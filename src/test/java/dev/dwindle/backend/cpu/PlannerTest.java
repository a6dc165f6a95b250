package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannerTest {
  private static final String HEADER = "<ir_version: 8, opset_import: [\"\" : 17]>\n";
  private static final String CONSTANTS = """
      <float[4,4,3,3] w = random(1), float[4] b = random(2), int64[2] flat = {0, -1}, int64[1] zero = {0},
      int64[1] two = {2}, int64[1] axis = {1}, float[6,6] p = random(3)>
      """;

  /** One test a rule: which steps a graph becomes. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      convolution              | h = Conv(x, w, b) y = Relu(h)
      convolution              | h = Conv <pads = [1,1,1,1]> (x, w) i = Add(h, x) y = Relu(i)
      convolution, convolution | h = Conv(x, w, b) i = Conv(x, w) y = Add(h, i)
      copy                     | y = Reshape(x, flat)
      element by element       | h = Reshape(x, flat) y = Relu(h)
      element by element       | h = Slice(x, zero, two, axis) y = Relu(h)
      copies, matrix product   | h = Transpose <perm = [0,1,3,2]> (x) y = MatMul(h, p)
      plain NonZero            | y = NonZero(x)
      """)
  void plansTheseSteps(String kernels, String nodes) {
    Model model = GraphText.parse(HEADER + "g (float[1,4,6,6] x) => (y) " + CONSTANTS + " {" + nodes + "}");
    assertEquals(List.of(kernels.split(", ")), kernels(model));
  }

  private static List<String> kernels(Model model) {
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT.withProfile(true).withThreads(1));
        Bound bound = executable.bind()) {
      run(model, bound);
      return bound.profile().stream().map(time -> time.kernel()).toList();
    }
  }

  private static void run(Model model, Bound bound) {
    for (Value input : model.graph().requiredInputs()) {
      bound.set(input.name(), Tensor.of(input.tensorType().shape(), new float[input.tensorType().shape().intSize()]));
    }
    bound.run();
  }

  @Test
  void runsWithoutAllocating() {
    // Nodes that only move elements: vectors would be boxed until they are compiled.
    Model model = GraphText.parse(HEADER + "g (float[1,4,6,6] x) => (y) " + CONSTANTS
        + " { h = Transpose <perm = [0,3,2,1]> (x) i = Concat <axis = 1> (h, h) y = Slice(i, zero, two, axis) }");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT.withThreads(1));
        Bound bound = executable.bind()) {
      run(model, bound);
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1000; i++) {
        bound.run();
      }
      long perRun = (threads.getCurrentThreadAllocatedBytes() - before) / 1000;
      assertTrue(perRun == 0, perRun + " bytes a run");
    }
  }

  @Test
  void plansOfOtherShapesShareTheWeights() {
    Model model = GraphText.parse(HEADER + "g (float[1,256,m,n] x) => (y) <float[256,256,3,3] w = random(1)> "
        + "{ y = Conv(x, w) }");
    long weights = model.graph().value("w").tensor().byteSize();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (CpuExecutable executable = new CpuExecutable(model.graph(), CompileOptions.DEFAULT)) {
      executable.plan(Map.of("x", Shape.of(1, 256, 5, 5)));
      long before = threads.getCurrentThreadAllocatedBytes();
      executable.plan(Map.of("x", Shape.of(1, 256, 6, 7)));
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(bytes < weights / 2, bytes + " bytes for another plan");
    }
  }

  @Test
  void forgetsPlansButNotThoseInUse() {
    Model model = GraphText.parse(HEADER + "g (float[n] x) => (y) { y = Neg(x) }");
    try (CpuExecutable executable = new CpuExecutable(model.graph(), CompileOptions.DEFAULT.withThreads(1));
        Bound bound = executable.bind()) {
      bound.set("x", Tensor.of(Shape.of(1), 1f));
      bound.run();
      Plan first = executable.plan(Map.of("x", Shape.of(1)));
      assertSame(first, executable.plan(Map.of("x", Shape.of(1))));
      for (int n = 2; n < CpuExecutable.MOST_PLANS + 2; n++) {
        executable.plan(Map.of("x", Shape.of(n)));
      }
      assertNotSame(first, executable.plan(Map.of("x", Shape.of(1))));
      bound.set("x", Tensor.of(Shape.of(1), 2f));
      bound.run();
      assertEquals(-2f, bound.outputs().get("y").floats()[0]);
    }
  }

  @Test
  void weightsAreDecodedOnceForAllShapes() {
    Model model = GraphText.parse("""
        net (float[N,2] x) => (float[N,2] y)
        < int8[2,2] q = {1, 2, 3, 4}, float[] s = {0.5}, int8[] z = {0} >
        {
          w = DequantizeLinear (q, s, z)
          y = MatMul (x, w)
        }
        """);
    try (CpuExecutable executable = new CpuExecutable(model.graph(), CompileOptions.DEFAULT)) {
      List<String> kept = executable.inputs().getFirst().graph().nodes().stream().map(n -> n.operator()).toList();
      assertEquals(List.of("MatMul"), kept);
    }
  }
}
