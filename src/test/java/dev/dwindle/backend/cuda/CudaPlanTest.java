package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeRefusedException;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.tensor.DeviceMemoryException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the backend asks of a device for a graph: launches, memory and copies. */
class CudaPlanTest {
  private static final int KILO = 1024;
  private final RecordingDevice device = new RecordingDevice(64 * KILO);

  private static Graph graph(String text) {
    return GraphText.parse("<ir_version: 8, opset_import: [\"\" : 17]>\n" + text).graph();
  }

  private Executable compile(String text) {
    return new CudaBackend("cuda:0", device).compile(graph(text), CompileOptions.DEFAULT);
  }

  private static Tensor kilobyte() {
    return Tensor.of(Shape.of(256), new float[256]);
  }

  @Test
  void aChainTakesTurnsInMemory() {
    try (Executable executable = compile(
        "g (float[256] x) => (y) { a = Sin(x) b = Tan(a) c = Ceil(b) d = Floor(c) e = Cosh(d) y = Cos(e) }");
        Bound bound = executable.bind()) {
      bound.set("x", kilobyte());
      bound.run();
      assertEquals(List.of("in 1024", "unary_sin", "unary_tan", "unary_ceil", "unary_floor", "unary_cosh", "unary_cos",
          "await"), device.asked);
      // The input stays; two others take turns, of which one is the output in the end.
      assertEquals(List.of(3L * KILO), List.copyOf(device.allocated.values()));
    }
    device.close();
  }

  @Test
  void viewsTakeNoLaunchAndNoMemory() {
    try (Executable executable = compile(
        "g (float[256] x) => (y) <int64[2] s = {16, -1}> { a = Neg(x) b = Reshape(a, s) c = Flatten(b) y = Abs(c) }");
        Bound bound = executable.bind()) {
      bound.set("x", kilobyte());
      bound.run();
      assertEquals(List.of("in 1024", "unary_neg", "unary_abs", "await"), device.asked);
      assertEquals(List.of(3L * KILO), List.copyOf(device.allocated.values()));
    }
  }

  @Test
  void aFirstOutputWithoutElementsDoesNotHideTheOthers() {
    try (Executable executable = compile(
        "g (float[256] x) => (y, z) <int64[2] parts = {0, 256}> { y, z = Split <axis = 0> (x, parts) }");
        Bound bound = executable.bind()) {
      bound.set("x", kilobyte());
      bound.run();
      assertEquals(List.of("in 1024", "move_4", "await"), device.asked);
    }
  }

  @Test
  void aLongProductOfFewTilesIsSharedOut() {
    try (Executable executable = compile(
        "g (float[2,1024] x) => (y) <float[1024,4] w = random(1), float[4] b = random(2)> { a = MatMul(x, w) h = Add(a, b) y = Relu(h) }");
        Bound bound = executable.bind()) {
      bound.set("x", Tensor.of(Shape.of(2, 1024), new float[2048]));
      bound.run();
      assertEquals(List.of("product", "summed", "await"),
          device.asked.stream().filter(words -> !words.startsWith("in ")).toList());
    }
  }

  @Test
  void anOutputThatIsAnInputIsCopied() {
    try (Executable executable = compile("g (float[256] x) => (y) { y = Identity(x) }");
        Bound bound = executable.bind()) {
      bound.set("x", kilobyte());
      bound.run();
      assertEquals(List.of("in 1024", "copy", "await"), device.asked);
    }
  }

  @Test
  void carriedOutputsStayOnTheDevice() {
    try (Executable executable = compile(
        "g (float[256] x, float[256] z) => (y, w) { y = Add(x, z) w = Sub(x, z) }"); Bound bound = executable.bind()) {
      bound.carry("y", "x");
      bound.carry("w", "z");
      bound.set("x", kilobyte());
      bound.set("z", kilobyte());
      bound.run();
      device.asked.clear();
      bound.run();
      assertEquals(List.of("copy 1024", "copy 1024", "binary_add", "binary_sub", "await"), device.asked);
    }
  }

  @Test
  void requestsShareConstantsAndGiveAllBack() {
    Executable executable = compile("g (float[2,256] x) => (y) <float[256,16] w = random(1)> { y = MatMul(x, w) }");
    Bound first = executable.bind();
    Bound second = executable.bind();
    for (Bound bound : List.of(first, second)) {
      bound.set("x", Tensor.of(Shape.of(2, 256), new float[512]));
      bound.run();
    }
    assertEquals(1, device.asked.stream().filter(("in " + 256 * 16 * 4)::equals).count());
    assertEquals(3, device.allocated.size());
    first.close();
    executable.close();
    second.run();
    second.close();
    device.close();
  }

  @Test
  void nothingIsLeftWhereMemoryIsTooSmall() {
    try (Executable executable = compile(
        "g (float[256] x) => (y) <float[256,1000] w = random(1)> { a = Neg(x) y = MatMul(a, w) }");
        Bound bound = executable.bind()) {
      bound.set("x", kilobyte());
      DeviceMemoryException told = assertThrows(DeviceMemoryException.class, bound::run);
      // The weights, which take a window of their own, and what a request holds besides.
      assertTrue(told.getMessage().matches(".*expected 103[0-9]{4}"), told.getMessage());
    }
    device.close();
  }

  @Test
  void whatFindsNoRoomIsBroughtForEachStepWhileTheOneBeforeRuns() {
    RecordingDevice small = new RecordingDevice(600 * KILO);
    try (Executable executable = new CudaBackend("cuda:0", small).compile(
        graph(
            """
                        g (float[1, 256] x) => (y)
                <float[256, 256] u = random(1), float[256, 256] v = random(2), float[256, 256] w = random(3)> {
                  a = MatMul(x, u)
                  b = Sin(a)
                  c = MatMul(b, v)
                  y = MatMul(c, w)
                }
                """),
        CompileOptions.DEFAULT); Bound bound = executable.bind()) {
      bound.set("x", Tensor.of(Shape.of(1, 256), new float[256]));
      bound.run();
      small.asked.clear();
      bound.run();
      // The third comes where the first lay, so that it waits for the first product.
      assertEquals(List.of("in 262144 after 0", "product", "unary_sin", "in 262144 after 0", "product",
          "in 262144 after 1", "product", "await"), small.asked);
    }
    small.close();
  }

  @Test
  void aNodeWhoseSizesDependOnDataIsRefusedByName() {
    NodeRefusedException refused = assertThrows(NodeRefusedException.class,
        () -> compile("g (float[8] x, int64[1] n) => (y) { y = Expand(x, n) }").close());
    assertEquals("y", refused.value());
    assertTrue(refused.reason().contains("depend"), refused.reason());
  }

  @Test
  void stepsAreTimedByTheirNodes() {
    try (Executable executable = new CudaBackend("cuda:0", device).compile(
        graph("g (float[256] x) => (y) { a = Cos(x) b = Neg(a) y = Exp(b) }"),
        CompileOptions.DEFAULT.withProfile(true));
        Bound bound = executable.bind()) {
      bound.set("x", kilobyte());
      bound.run();
      assertEquals(Map.of(List.of("a"), "unary_cos", List.of("b", "y"), "chain"), bound.profile().stream()
          .collect(java.util.stream.Collectors.toMap(NodeTime::nodes, NodeTime::kernel)));
    }
  }
}
