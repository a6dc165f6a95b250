package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.tensor.DeviceMemoryException;
import dev.dwindle.tensor.DeviceUnavailableException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is asked of NVIDIA's driver, by one that stands in for it and does nothing before it must. */
@Tag("compiler")
class DriverDeviceTest {
  private static final List<Long> NONE = List.of(0L, 0L, 0L, 0L, 0L, 0L, 0L);
  private static final long MEGA = 1 << 20;

  private final StandIn driver = StandIn.make();
  private DriverDevice device = driver.open(0);

  @AfterEach
  void nothingIsLeft() {
    device.close();
    assertEquals(NONE, driver.alive());
  }

  private static Graph graph(String text) {
    return GraphText.parse("<ir_version: 8, opset_import: [\"\" : 17]>\n" + text).graph();
  }

  /** Four layers, each with constants of 1 MiB. */
  private static Graph layers() {
    return graph(
        """
            g (float[1, 512] x) => (y)
            <float[512, 512] u = random(1), float[512, 512] v = random(2), float[512, 512] w = random(3), float[512, 512] z = random(4)> {
              a = MatMul(x, u)
              b = Atan(a)
              c = MatMul(b, v)
              d = Atan(c)
              e = MatMul(d, w)
              f = Atan(e)
              y = MatMul(f, z)
            }
            """);
  }

  /** Six of them. */
  private static Graph moreLayers() {
    return graph("""
        g (float[1, 512] x) => (y)
        <float[512, 512] u = random(1), float[512, 512] v = random(2), float[512, 512] w = random(3),
         float[512, 512] r = random(5), float[512, 512] s = random(6), float[512, 512] z = random(4)> {
          a = MatMul(x, u)
          b = Atan(a)
          c = MatMul(b, v)
          d = Atan(c)
          e = MatMul(d, w)
          f = Atan(e)
          g = MatMul(f, r)
          h = Atan(g)
          i = MatMul(h, s)
          j = Atan(i)
          y = MatMul(j, z)
        }
        """);
  }

  private static float[] random(int size, int seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) values[i] = random.nextFloat() - 0.5f;
    return values;
  }

  private Executable compile(Graph graph) {
    return new CudaBackend("cuda:0", device).compile(graph, CompileOptions.DEFAULT);
  }

  private static float[] run(Bound bound, float[] x) {
    bound.set("x", Tensor.of(Shape.of(1, x.length), x));
    bound.run();
    return bound.outputs().get("y").floats();
  }

  private static float[] onCpu(Graph graph, float[] x) {
    try (Backend cpu = new CpuBackend();
        Executable executable = cpu.compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      return run(bound, x);
    }
  }

  @Test
  void whatIsCopiedInComesOutWhateverItsSize() {
    for (int bytes : new int[] {1, 255, Staging.PIECE - 1, Staging.PIECE, Staging.PIECE + 1, 5 * Staging.PIECE + 3}) {
      byte[] in = new byte[bytes];
      new Random(bytes).nextBytes(in);
      long first = device.allocate(bytes);
      long second = device.allocate(bytes);
      MemorySegment from = MemorySegment.ofArray(in.clone());
      device.copyIn(from, first);
      from.fill((byte) 0);
      device.copy(first, second, bytes);
      byte[] out = new byte[bytes];
      device.copyOut(second, MemorySegment.ofArray(out));
      assertArrayEquals(in, out, bytes + " bytes");
      device.free(first);
      device.free(second);
    }
  }

  @Test
  void runsAreRecordedAfterTwoAndThenBegunByOneCall() {
    Graph graph = layers();
    try (Executable executable = compile(graph); Bound bound = executable.bind()) {
      for (int i = 0; i < 5; i++) {
        float[] x = random(512, i);
        assertArrayEquals(onCpu(graph, x), run(bound, x), 1e-3f, "run " + i);
      }
    }
    // Two runs of eleven launches, two for each of four products, and one that is recorded.
    assertEquals(3 * 11, driver.calls("cuLaunchKernel"));
    assertEquals(3, driver.calls("cuGraphLaunch"));
  }

  @Test
  void withoutMemoryForARecordLaunchesGoOnOneByOne() {
    driver.fail("cuGraphInstantiateWithFlags", 0, Driver.OUT_OF_MEMORY, false);
    Graph graph = layers();
    float[] x = random(512, 1);
    try (Executable executable = compile(graph); Bound bound = executable.bind()) {
      for (int i = 0; i < 4; i++) assertArrayEquals(onCpu(graph, x), run(bound, x), 1e-3f, "run " + i);
    }
    assertEquals(0, driver.calls("cuGraphLaunch"));
  }

  @Test
  void aModelLargerThanTheMemoryRunsLayerByLayer() {
    driver.memory(3 * MEGA);
    Graph graph = layers();
    try (Executable executable = compile(graph); Bound bound = executable.bind()) {
      for (int i = 0; i < 3; i++) {
        float[] x = random(512, i);
        assertArrayEquals(onCpu(graph, x), run(bound, x), 1e-3f, "run " + i);
      }
      try (Bound other = executable.bind()) {
        float[] x = random(512, 9);
        assertThrows(DeviceMemoryException.class, () -> run(other, x));
      }
      float[] x = random(512, 10);
      assertArrayEquals(onCpu(graph, x), run(bound, x), 1e-3f);
    }
  }

  @Test
  void aSecondRequestFindsRoomWhereTheFirstTookLittle() {
    driver.memory(5 * MEGA);
    Graph graph = moreLayers();
    float[] x = random(512, 1);
    float[] expected = onCpu(graph, x);
    try (Executable executable = compile(graph); Bound first = executable.bind(); Bound second = executable.bind()) {
      assertArrayEquals(expected, run(first, x), 1e-3f);
      assertArrayEquals(expected, run(second, x), 1e-3f);
      assertArrayEquals(expected, run(first, x), 1e-3f);
    }
  }

  @Test
  void kernelsFindRoomWhereMemoryLiesIdle() {
    device.free(device.allocate(2 * MEGA));
    driver.fail("cuModuleLoadData", 0, Driver.OUT_OF_MEMORY, false);
    Graph graph = layers();
    float[] x = random(512, 1);
    try (Executable executable = compile(graph); Bound bound = executable.bind()) {
      assertArrayEquals(onCpu(graph, x), run(bound, x), 1e-3f);
    }
  }

  @Test
  void aRecordThatFindsNoMemoryToRunIsGivenUp() {
    Graph graph = layers();
    float[] x = random(512, 1);
    float[] expected = onCpu(graph, x);
    try (Executable executable = compile(graph); Bound bound = executable.bind()) {
      for (int i = 0; i < 3; i++) run(bound, x);
      driver.fail("cuGraphLaunch", 0, Driver.OUT_OF_MEMORY, false);
      for (int i = 0; i < 2; i++) assertArrayEquals(expected, run(bound, x), 1e-3f);
    }
    assertEquals(2, driver.calls("cuGraphLaunch"));
  }

  @Test
  void aLaunchThatFailsWhileItIsRecordedIsWhatIsTold() {
    float[] x = random(512, 1);
    try (Executable executable = compile(layers()); Bound bound = executable.bind()) {
      for (int i = 0; i < 2; i++) run(bound, x);
      driver.fail("cuLaunchKernel", 3, 1, false);
      String told = assertThrows(IllegalStateException.class, () -> run(bound, x)).getMessage();
      assertTrue(told.startsWith("device 'cuda:0': cuLaunchKernel: code 1"), told);
    }
  }

  @Test
  void otherCallsThatFindNoMemorySaySo() {
    driver.fail("cuEventRecord", 0, Driver.OUT_OF_MEMORY, false);
    String told = assertThrows(DeviceMemoryException.class, device::await).getMessage();
    assertTrue(told.startsWith("device 'cuda:0': out of memory: cuEventRecord: code 2, CUDA_ERROR_OUT_OF_MEMORY; "),
        told);
    device.await();
  }

  @Test
  void layersThatAreBroughtAreTimedToo() {
    driver.memory(3 * MEGA);
    try (
        Executable executable = new CudaBackend("cuda:0", device).compile(layers(),
            CompileOptions.DEFAULT.withProfile(true));
        Bound bound = executable.bind()) {
      run(bound, random(512, 1));
      assertEquals(List.of("a", "b", "c", "d", "e", "f", "y"),
          bound.profile().stream().map(time -> time.nodes().getFirst()).toList());
      assertTrue(bound.profile().stream().allMatch(time -> time.nanos() > 0));
    }
  }

  @Test
  void aBoundIsHeldEvenWhereThereIsMore() {
    device.close();
    device = driver.open(3 * MEGA);
    Graph graph = layers();
    float[] x = random(512, 1);
    try (Executable executable = compile(graph); Bound bound = executable.bind()) {
      assertArrayEquals(onCpu(graph, x), run(bound, x), 1e-3f);
    }
    String told = assertThrows(DeviceMemoryException.class, () -> device.allocate(4 * MEGA)).getMessage();
    assertTrue(told.startsWith("device 'cuda:0': out of memory: found 3.0 MiB free of 3.0 MiB that are allowed, "
        + "expected 4.0 MiB"), told);
  }

  @Test
  void afterMemoryRanOutTheDeviceGoesOn() {
    driver.memory(MEGA);
    try (Executable executable = compile(layers()); Bound bound = executable.bind()) {
      String told = assertThrows(DeviceMemoryException.class, () -> run(bound, random(512, 1))).getMessage();
      assertTrue(told.contains("out of memory: found "), told);
    }
    Graph small = graph("g (float[1, 8] x) => (y) { y = Neg(x) }");
    try (Executable executable = compile(small); Bound bound = executable.bind()) {
      assertArrayEquals(new float[] {-1, -2, -3, -4, -5, -6, -7, -8},
          run(bound, new float[] {1, 2, 3, 4, 5, 6, 7, 8}));
    }
  }

  @Test
  void launchesAreTimedByTheDevice() {
    try (
        Executable executable = new CudaBackend("cuda:0", device).compile(
            graph("g (float[1, 64] x) => (y) { a = Cos(x) y = Sin(a) }"), CompileOptions.DEFAULT.withProfile(true));
        Bound bound = executable.bind()) {
      run(bound, random(64, 1));
      assertEquals(List.of("unary_cos", "unary_sin"), bound.profile().stream().map(NodeTime::kernel).toList());
      assertTrue(bound.profile().stream().allMatch(time -> time.nanos() > 0));
    }
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    Graph graph = layers();
    List<Future<float[]>> found = new ArrayList<>();
    List<float[]> inputs = new ArrayList<>();
    try (Executable executable = compile(graph); var threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 8; i++) {
        float[] x = random(512, i);
        inputs.add(x);
        Callable<float[]> work = () -> {
          try (Bound bound = executable.bind()) {
            float[] y = {};
            for (int j = 0; j < 4; j++) y = run(bound, x);
            return y;
          }
        };
        found.add(threads.submit(work));
      }
      for (int i = 0; i < 8; i++) assertArrayEquals(onCpu(graph, inputs.get(i)), found.get(i).get(), 1e-3f);
    }
  }

  @Test
  void aGpuThatIsRemovedIsToldInOneLine() {
    try (Executable executable = compile(layers()); Bound bound = executable.bind()) {
      run(bound, random(512, 1));
      driver.fail("cuLaunchKernel", 3, 999, false);
      assertEquals("device 'cuda:0': went away while it was used: cuLaunchKernel: code 999, CUDA_ERROR_UNKNOWN; "
          + "look with 'dwindle devices', and run the command again when it is back",
          assertThrows(DeviceUnavailableException.class, () -> run(bound, random(512, 1))).getMessage());
    }
  }

  @Test
  void aCallThatIsWrongIsOurOwnMistake() {
    driver.fail("cuEventRecord", 0, 400, false);
    assertThrows(IllegalStateException.class, () -> device.copyIn(MemorySegment.ofArray(new byte[4]), 4096));
  }

  @Test
  void aKernelThatDoesNotCompileIsToldWithTheLog() {
    device.close();
    device = driver.open((source, options) -> {
      throw new IllegalStateException(source.file() + ": nvrtcCompileProgram: NVRTC_ERROR_COMPILATION:\n"
          + source.file() + "(2): error: identifier \"x\" is undefined");
    }, 0);
    try (Executable executable = compile(layers()); Bound bound = executable.bind()) {
      String told = assertThrows(DeviceUnavailableException.class, () -> run(bound, random(512, 1))).getMessage();
      assertEquals("device 'cuda:0': a kernel does not compile for sm_90: product.cu: nvrtcCompileProgram: "
          + "NVRTC_ERROR_COMPILATION: product.cu(2): error: identifier \"x\" is undefined", told);
    }
  }
}
