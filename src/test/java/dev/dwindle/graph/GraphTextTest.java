package dev.dwindle.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import org.junit.jupiter.api.Test;

class GraphTextTest {
  /** What is printed is what was parsed. */
  private static void roundTrip(String text) {
    assertEquals(text, GraphText.print(GraphText.parse(text).graph()));
  }

  @Test
  void nodesNamesAndConstants() {
    roundTrip("""
        net (float[N,3] x, float[2] old = {1, 2}) => (float[N,4] y, z)
        <
          float[3,4] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12.5},
          int8[2] q = {-128, 127},
          float16[] half = {0.5},
          bool[2] b = {1, 0},
          string[1] s = {"a \\"quoted\\" word"}
        >
        {
          [mm] /layer/h_0 = MatMul(x, w)
          y = com.microsoft.Gelu(/layer/h_0)
          "an odd name", "" = Split <num_outputs = 2> (y)
          z = Clip("an odd name", "", half)
        }
        """);
  }

  @Test
  void attributesOfEveryKind() {
    roundTrip("""
        net (float[?] x) => (y)
        {
          y = Foo <f = 1.0, g = -inf, i = -3, s = "text", fs = [1.0, 2.5], is = [1, 2], ss = ["a", "b"], e: ints = [], \
        t = int64[2] {5, 6}, r = @outer> (x)
        }
        """);
  }

  @Test
  void subgraphsReadOuterValues() {
    String text = """
        net (bool[] c, float[2] x) => (float[2] y)
        {
          h = Relu(x)
          y = If <then_branch = yes () => (a)
            {
              a = Neg(h)
            }, else_branch = no () => (b)
            {
              b = Abs(x)
            }> (c)
        }
        """;
    roundTrip(text);
    Graph graph = GraphText.parse(text).graph();
    assertEquals(1, graph.value("h").uses().size());
    assertEquals(2, graph.value("y").producer().subgraphs().size());
  }

  @Test
  void headerAndFunctions() {
    String text = """
        <ir_version: 8, opset_import: ["": 17, "local": 1]>
        net (float[N] x) => (y)
        {
          y = local.twice:a <factor = 2.0> (x)
        }
        <domain: "local", opset_import: ["": 18]>
        twice:a <factor, other = 1> (v) => (w)
        {
          k = Constant <value_float = @factor> ()
          w = Mul(v, k)
        }
        """;
    Model model = GraphText.parse(text);
    assertEquals(text.strip(), GraphText.print(model).strip());
    assertEquals(18, model.functions().getFirst().opsets().get(""));
    assertEquals(model.functions().getFirst(), model.function(model.graph().nodes().getFirst()));
  }

  @Test
  void withoutHeaderTheOperatorSetIs21() {
    assertEquals(21, GraphText.parse("g (float[] x) => (x) {}").opsets().get(""));
  }

  @Test
  void innerTypesOneForAllAndRandomElements() {
    Graph graph = GraphText.parse("""
        g (float[2] x) => (y)
        < float[4] ones = {1}, float[64,64] w = random(7), uint4[100] u = random(1), float[2] h > // a comment
        { h = Relu(x)  y = Neg(h) }
        """).graph();
    assertArrayEquals(new float[] {1, 1, 1, 1}, graph.value("ones").tensor().floats());
    assertEquals("float[2]", graph.value("h").type().toString());
    assertEquals(100, graph.value("u").tensor().size());
    assertTrue(GraphText.print(graph).contains("float[64,64] w = #"));
    assertEquals(GraphText.print(graph), GraphText.print(graph.model().copy().graph()));
  }

  @Test
  void flawsNameTheLine() {
    assertFlaw("line 2: found ') }', expected a node before this that makes 'z'",
        "g (float[2] x) => (y) {\n y = Relu(z) }");
    assertFlaw("found '=> (y) {}', expected ','", "g (float[2] x => (y) {}");
    assertFlaw("expected 3 elements of float[3]", "g (float[2] x) => (y) <float[3] c = {1, 2}> {}");
  }

  private static void assertFlaw(String expected, String text) {
    String message = assertThrows(InvalidInputException.class, () -> GraphText.parse(text)).getMessage();
    assertTrue(message.contains(expected), message);
  }
}
