package dev.dwindle.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTest {
  private static final String BRANCHES = """
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

  private static void assertText(String expected, Graph graph) {
    GraphVerifier.verify(graph);
    assertEquals(expected, GraphText.print(graph));
  }

  @Test
  void aNewOutputTakesOverTheDeclaredType() {
    Graph graph = GraphText.parse("""
        net (float[N,8] x) => (float[N,8] y)
        {
          a = Relu(x)
          y = Identity(a)
        }
        """).graph();
    Node identity = graph.nodes().getLast();
    graph.replaceUses(identity.output(), graph.value("a"));
    graph.remove(identity);
    assertText("""
        net (float[N,8] x) => (float[N,8] y)
        {
          y = Relu(x)
        }
        """, graph);
  }

  @Test
  void theDeclaredTypeWinsOverAnInferredOne() {
    Graph graph = GraphText.parse("""
        net (float[N,8] x) => (float[N,8] y)
        <
          float[unk__7,8] a
        >
        {
          a = Relu(x)
          y = Identity(a)
        }
        """).graph();
    Node identity = graph.nodes().getLast();
    graph.replaceUses(identity.output(), graph.value("a"));
    graph.remove(identity);
    assertEquals(TensorType.class, graph.outputs().getFirst().type().getClass());
    assertText("""
        net (float[N,8] x) => (float[N,8] y)
        {
          y = Relu(x)
        }
        """, graph);
  }

  @Test
  void aNewOutputTakesOverTheDeclarationOfTheFile() {
    Graph graph = GraphText.parse("""
        net (float[2] x) => (float[2] y, float[2] z)
        {
          a = Relu(x)
          y = Identity(a)
          z = Identity(x)
        }
        """).graph();
    for (Value output : graph.outputs()) {
      graph.declare(new Declaration(output, Declaration.Place.OUTPUT, Extras.NONE, output.type()));
    }
    graph.replaceUses(graph.value("y"), graph.value("a"));
    graph.replaceUses(graph.value("z"), graph.value("x"));
    assertEquals(graph.outputs(), graph.declarations().stream().map(Declaration::value).toList());
    assertEquals(List.of("y", "z"), graph.outputs().stream().map(Value::name).toList());
  }

  @Test
  void whatMakesTheReplacementKeepsItsInput() {
    Graph graph = GraphText.parse("""
        net (float[2] x) => (float[2] y)
        {
          h = Relu(x)
          y = Abs(h)
        }
        """).graph();
    Node relu = graph.nodes().getFirst();
    Node negated = graph.node("Neg").in(relu.output()).out("n", null).after(relu);
    graph.replaceUses(relu.output(), negated.output());
    assertText("""
        net (float[2] x) => (float[2] y)
        {
          h = Relu(x)
          n = Neg(h)
          y = Abs(n)
        }
        """, graph);
  }

  @Test
  void aBodyPutBackReadsTheValuesAroundItAgain() {
    Graph graph = GraphText.parse(BRANCHES).graph();
    Node branch = graph.nodes().getLast();
    branch.setAttribute(branch.attribute("then_branch"));
    assertEquals(1, graph.value("h").uses().size());
    Attribute otherwise = branch.attribute("else_branch");
    branch.removeAttribute("else_branch");
    branch.setAttribute(otherwise);
    graph.removeDead();
    assertText(BRANCHES, graph);
  }

  @Test
  void aNameOfAnotherScopeIsTaken() {
    Graph graph = GraphText.parse(BRANCHES).graph();
    Graph body = graph.nodes().getLast().subgraphs().getFirst();
    assertThrows(IllegalStateException.class, () -> graph.rename(graph.value("h"), "a"));
    assertThrows(IllegalStateException.class, () -> body.rename(body.value("a"), "h"));
    graph.rename(graph.value("h"), "free");
    assertTrue(GraphText.print(graph).contains("a = Neg(free)"));
  }

  @Test
  void anOutputOfABodyIsItsOwn() {
    String text = BRANCHES.replace("() => (a)", "() => (h)");
    InvalidInputException flaw = assertThrows(InvalidInputException.class, () -> GraphText.parse(text));
    assertEquals("If 'y': then_branch: output 'h' is a value of the graph around it; "
        + "expected a value of its own, such as an Identity makes", flaw.getMessage());
    Graph body = GraphText.parse(BRANCHES).graph().nodes().getLast().subgraphs().getLast();
    assertThrows(InvalidInputException.class, () -> body.setOutput(0, body.resolve("x")));
    assertEquals("b", body.outputs().getFirst().name());
  }
}
