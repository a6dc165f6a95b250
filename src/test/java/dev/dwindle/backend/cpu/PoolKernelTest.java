package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolKernelTest {
  /** Wherever a NaN stands in a window, it is the window's maximum: in the kernels as in the plain meaning. */
  @Test
  void aNanIsTheMaximum() {
    for (String attributes : List.of("kernel_shape = [2, 2], strides = [2, 2]",
        "kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]", "kernel_shape = [6, 6]")) {
      Model model = GraphText.parse("g (float[1,2,6,6] x) => (y) { y = MaxPool <" + attributes + "> (x) }");
      for (int at = 0; at < 36; at++) {
        float[] values = new float[72];
        values[at] = Float.NaN;
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(Shape.of(1, 2, 6, 6), values));
        float[] expected = Interpreter.run(model.graph(), inputs).getFirst().floats();
        try (CpuBackend backend = new CpuBackend();
            Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT.withThreads(1));
            Bound bound = executable.bind()) {
          bound.set("x", inputs.get("x"));
          bound.run();
          assertArrayEquals(expected, bound.outputs().get("y").floats(), attributes + ", NaN at " + at);
        }
      }
    }
  }
}
