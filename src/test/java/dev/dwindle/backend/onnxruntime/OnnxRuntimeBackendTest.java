package dev.dwindle.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.backend.Support;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** By itself; OnnxRuntimeConformanceTest and ZooPlainMeaningTest have the CPU behind it. */
class OnnxRuntimeBackendTest extends BackendContract {
  private static final String HEADER = "<ir_version: 8, opset_import: [\"\" : 17, \"dev.dwindle\" : 1]>\n";

  @Override
  protected Backend backend() {
    return new OnnxRuntimeBackend();
  }

  /** It splits some convolutions along what is summed. */
  @Override
  protected boolean isExactOnThreads() { return false; }

  private static Graph graph(String text) {
    Graph graph = GraphText.parse(HEADER + text).graph();
    ShapeInference.of(graph).store();
    return graph;
  }

  private static Map<String, Tensor> run(Graph graph, CompileOptions options, Map<String, Tensor> inputs) {
    try (Executable executable = new OnnxRuntimeBackend().compile(graph, options); Bound bound = executable.bind()) {
      inputs.forEach(bound::set);
      bound.run();
      return Map.copyOf(bound.outputs().entrySet().stream().collect(Collectors.toMap(
          Map.Entry::getKey, e -> e.getValue().dtype() == DType.STRING ? e.getValue()
              : Tensor.of(e.getValue().dtype(), e.getValue().shape(), e.getValue().bytes()))));
    }
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"UINT16", "UINT32", "UINT64", "INT16", "FLOAT16", "BFLOAT16", "DOUBLE",
      "BOOL"})
  void passesElementsOfAType(DType type) {
    byte[] bytes = new byte[(int) type.bytes(4)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (type == DType.BOOL ? i % 2 : 250 - 7 * i);
    }
    Tensor x = Tensor.of(type, Shape.of(2, 2), bytes);
    Map<String, Tensor> outputs = run(graph("g (" + type.text() + "[2,2] x) => (y) { y = Reshape(x, s) }"
        .replace("=> (y) {", "=> (y) < int64[1] s = {-1} > {")), CompileOptions.DEFAULT, Map.of("x", x));
    assertTrue(x.reshape(Shape.of(4)).contentEquals(outputs.get("y")), outputs.toString());
  }

  @Test
  void passesStrings() {
    Tensor x = Tensor.ofStrings(Shape.of(1, 2),
        Stream.of("ä", "").map(s -> s.getBytes(StandardCharsets.UTF_8)).toList());
    Map<String, Tensor> outputs = run(graph("g (string[1,2] x) => (y) { y = Transpose(x) }"), CompileOptions.DEFAULT,
        Map.of("x", x));
    assertTrue(x.reshape(Shape.of(2, 1)).contentEquals(outputs.get("y")));
  }

  @Test
  void passesTensorsWithoutElements() {
    for (String dims : List.of("0,2", "n,2")) {
      Map<String, Tensor> outputs = run(graph("g (float[" + dims + "] x) => (y) { y = Neg(x) }"),
          CompileOptions.DEFAULT,
          Map.of("x", Tensor.of(Shape.of(0, 2), new float[0])));
      assertEquals("float[0,2]", outputs.get("y").toString());
    }
  }

  @Test
  void timesTheNodesByTheirNames() {
    Graph graph = graph("g (float[1,4,9,9] x) => (z) < float[4,4,3,3] w = random(1) > "
        + "{ [first] y = Conv <pads = [1,1,1,1]> (x, w) z = Softmax(y) }");
    try (Executable executable = backend().compile(graph, CompileOptions.DEFAULT.withProfile(true));
        Bound bound = executable.bind()) {
      bound.set("x", Tensor.of(Shape.of(1, 4, 9, 9), new float[324]));
      bound.run();
      List<String> names = bound.profile().stream().map(NodeTime::nodes).flatMap(List::stream).toList();
      assertTrue(names.contains("first"), names.toString());
      assertTrue(names.contains("z"), names.toString());
    }
  }

  @Test
  void endsALongRunThatIsInterrupted() throws InterruptedException {
    Graph graph = graph("g (int64[] n, bool[] on, float[64,64] x) => (y) { y = Loop <body = b (int64[] i, bool[] c, "
        + "float[64,64] u) => (d, v) { d = Identity(c) v = MatMul(u, u) }> (n, on, x) }");
    Throwable[] thrown = new Throwable[1];
    Thread thread = new Thread(() -> run(graph, CompileOptions.DEFAULT.withThreads(1),
        Map.of("n", Tensor.scalar(1L << 40), "on", Tensor.of(Shape.SCALAR, true), "x",
            Tensor.of(Shape.of(64, 64), new float[4096]))));
    thread.setUncaughtExceptionHandler((t, e) -> thrown[0] = e);
    thread.start();
    Thread.sleep(300);
    thread.interrupt();
    thread.join(60_000);
    assertTrue(thrown[0] instanceof CancellationException, "found " + thrown[0]);
  }

  @Test
  void tellsWhatTheLibrarySaysInOneLine() {
    Graph graph = graph("g (float[3,2] x, int64[1] i) => (y) { y = Gather(x, i) }");
    String message = assertThrows(InvalidInputException.class, () -> run(graph, CompileOptions.DEFAULT, Map.of("x",
        Tensor.of(Shape.of(3, 2), new float[6]), "i", Tensor.of(Shape.of(1), 9L)))).getMessage();
    assertEquals("run: ONNX Runtime " + Library.version() + " says: Non-zero status code returned while running Gather"
        + " node. Name:'y' Status Message: indices element out of data bounds, idx=9 must be within the inclusive range"
        + " [-3,2]", message);
  }

  @Test
  void takesAShapeThatWasNotAskedForAndKeepsSessionsForOpenRequests() {
    Graph graph = graph("g (float[n] x) => (y) { y = Neg(x) }");
    Executable executable = backend().compile(graph, CompileOptions.DEFAULT.withShapes(Map.of("x", Shape.of(2))));
    try (Bound bound = executable.bind()) {
      executable.close();
      for (int n : new int[] {2, 3, 2}) {
        bound.set("x", Tensor.of(Shape.of(n), new float[n]));
        bound.run();
        assertEquals(Shape.of(n), bound.outputs().get("y").shape());
      }
    }
  }

  @Test
  void takesModelsTooLargeForOneMessageThroughAFile() {
    Graph graph = graph("g (float[1,40] x) => (y) < float[40,40] w = random(1) > { y = MatMul(x, w) }");
    Session.Settings settings = new Session.Settings(1, null);
    try (Session session = ModelMemory.throughFolder("it", graph.model(), settings)) {
      assertEquals(Shape.of(1, 40), session.shape("y"));
    }
  }

  /** What a JVM with these of the class path's entries would say, in words. */
  private static String availability(Predicate<Path> kept) throws Exception {
    List<URL> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (kept.test(Path.of(entry))) {
        entries.add(Path.of(entry).toUri().toURL());
      }
    }
    try (
        URLClassLoader loader = new URLClassLoader(entries.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Object backend = loader.loadClass(OnnxRuntimeBackend.class.getName()).getConstructor().newInstance();
      return backend.getClass().getMethod("availability").invoke(backend).toString();
    }
  }

  @Test
  void saysThatThePackageIsMissing() throws Exception {
    assertEquals("No[reason=ONNX Runtime's Java package is not on the class path; add the jar of"
        + " com.microsoft.onnxruntime:onnxruntime]",
        availability(p -> !p.getFileName().toString().startsWith("onnxruntime-")));
  }

  @Test
  void saysWhyALibraryDoesNotLoad(@TempDir Path folder) throws Exception {
    String library = System.mapLibraryName("onnxruntime");
    Files.writeString(folder.resolve(library), "no library");
    String before = System.getProperty("onnxruntime.native.path");
    System.setProperty("onnxruntime.native.path", folder.toString());
    try {
      String said = availability(p -> true);
      assertTrue(said.startsWith("No[reason=ONNX Runtime's library does not load: ") && said.contains(library), said);
      assertEquals(1, said.lines().count(), said);
    } finally {
      if (before == null) {
        System.clearProperty("onnxruntime.native.path");
      } else {
        System.setProperty("onnxruntime.native.path", before);
      }
    }
  }

  private static Support support(String text) {
    return new OnnxRuntimeBackend().supports(graph(text).nodes().getFirst());
  }

  @Test
  void saysWhatItDoesNotRun() {
    assertEquals(Support.YES, support("g (float[2,3,4] x) => (y, m) { y, m = dev.dwindle.Summary(x) }"));
    assertEquals(Support.no("ONNX Runtime's MaxUnpool reads indices as of the smallest shape, not of the given one"),
        support("g (float[1,1,2,2] x, int64[1,1,2,2] i) => (y) < int64[4] s = {1,1,5,5} > "
            + "{ y = MaxUnpool <kernel_shape = [2,2], strides = [2,2]> (x, i, s) }"));
    assertEquals(Support.no("value 'y' is float8e4m3fn, which ONNX Runtime's Java package does not take"),
        new OnnxRuntimeBackend().supports(GraphText.parse("<ir_version: 10, opset_import: [\"\" : 21]>\n"
            + "g (float[2] x) => (float8e4m3fn[2] y) { y = Cast <to = 17> (x) }").graph().nodes().getFirst()));
    assertTrue(support("g (float16[2] x) => (y) { y = Det(x) }") instanceof Support.No(String reason)
        && reason.startsWith("ONNX Runtime " + Library.version() + " says: "));
  }
}
