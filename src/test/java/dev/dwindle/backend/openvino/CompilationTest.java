package dev.dwindle.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.backend.NodeRefusedException;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is to blame, by a library that refuses what a test says. */
class CompilationTest {
  private static final Map<String, Shape> SHAPES = Map.of("x", Shape.of(2, 3));

  @TempDir
  Path folder;

  private Path file;
  private Refusals refusals;
  private int compiled;

  @BeforeEach
  void begin() {
    file = folder.resolve("refusals.txt");
    refusals = new Refusals(file);
  }

  @Test
  void whatIsRefusedAloneIsRememberedForEveryGraph() {
    Graph graph = graph("a = Relu(x)  b = Neg(a)  y = Exp(b)");
    NodeRefusedException refusal = refusal(graph, part -> has(part, "Neg"));
    assertEquals("b", refusal.value());
    assertEquals("fake: Neg 'b' was refused: not this", refusal.getMessage());
    Graph other = graph("n = Neg(x)  y = Abs(n)");
    assertEquals("not this", refusals.reason(other.nodes().getFirst()));
    assertEquals("not this", new Refusals(file).reason(other.nodes().getFirst()));
    assertNull(refusals.reason(other.nodes().getLast()));
  }

  @Test
  void whatIsRefusedForItsSurroundingsIsRememberedForThatGraphAlone() {
    Predicate<Graph> refused = part -> has(part, "Neg") && has(part, "Relu");
    Graph graph = graph("a = Relu(x)  b = Neg(a)  y = Exp(b)");
    assertEquals("b", refusal(graph, refused).value());
    Graph other = graph("n = Neg(x)  y = Abs(n)");
    assertNull(refusals.reason(graph.nodes().get(1)));
    assertNull(refusals.reason(other.nodes().getFirst()));
    assertNotNull(compilation(other, refused).compileOrBlame(SHAPES));

    refusals = new Refusals(file);
    compiled = 0;
    assertEquals("b", refusal(graph, refused).value());
    assertEquals(0, compiled, "the library was asked for what is known");
    assertThrows(OpenVino.Failure.class, () -> compilation(graph, refused).compile(Map.of("x", Shape.of(4, 3))));
  }

  @Test
  void whatIsTakenWhenAskedAgainIsNobodysFault() {
    Graph graph = graph("a = Relu(x)  y = Neg(a)");
    Compilation<Graph> compilation = compilation(graph, part -> compiled == 1);
    String told = assertThrows(InvalidInputException.class, () -> compilation.compileOrBlame(SHAPES)).getMessage();
    assertEquals("fake: refused a graph, and not when asked again: not this; try once more", told);
    assertFalse(Files.exists(file));
  }

  @Test
  void whatStandsAloneHasTheShapesOfTheWhole() {
    Graph graph = graph("a = Relu(x)  y = Neg(a)");
    Predicate<Graph> threes = part -> part.nodes().stream().anyMatch(
        node -> node.is("Neg") && node.input(0).tensorType().shape().equals(Shape.of(2, 3)));
    refusal(graph, part -> {
      ShapeInference.of(part).store();
      return threes.test(part);
    });
    assertEquals("not this", refusals.reason(graph.nodes().getLast()));
  }

  @Test
  void aDamagedFileHoldsWhatIsWholeInIt() throws IOException {
    Graph graph = graph("y = Neg(x)");
    refusal(graph, part -> true);
    String line = Files.readString(file);
    Files.writeString(file,
        "graph\t12\ty\n" + "0".repeat(64) + " as of old\n\n\talone\t\n" + line + line.substring(0, 40));
    assertEquals("not this", new Refusals(file).reason(graph.nodes().getFirst()));
    Files.write(file, new byte[] {(byte) 0xff, 0, 10});
    assertNull(new Refusals(file).reason(graph.nodes().getFirst()));
  }

  private NodeRefusedException refusal(Graph graph, Predicate<Graph> refused) {
    return assertThrows(NodeRefusedException.class, () -> compilation(graph, refused).compileOrBlame(SHAPES));
  }

  private Compilation<Graph> compilation(Graph graph, Predicate<Graph> refused) {
    return new Compilation<>("fake", graph, "F32", refusals, onnx -> {
      compiled++;
      Graph read = read(onnx);
      if (refused.test(read)) throw new OpenVino.Failure("not this");
      return read;
    }, part -> {});
  }

  private Graph read(MemorySegment onnx) {
    try {
      return OnnxReader.read(Files.write(folder.resolve("part.onnx"), onnx.toArray(ValueLayout.JAVA_BYTE))).graph();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean has(Graph graph, String operator) {
    return graph.nodes().stream().anyMatch(node -> node.is(operator));
  }

  private static Graph graph(String nodes) {
    Graph graph = GraphText.parse("g (float[N,3] x) => (y) { " + nodes + " }").graph();
    ShapeInference.of(graph).store();
    return graph;
  }
}
