package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Support;
import dev.dwindle.engine.Conformance;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Interpreter;
import dev.dwindle.op.Ops;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.ConformanceResult;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ONNX project's tests of the operators pass by the plain meanings when their graphs were rewritten before. */
@Tag("nodetests")
class NodeTestsRewriteTest {
  /** A rewriting, by its name. */
  record Rewriting(String name, Consumer<Model> change) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Rewriting> rewritings() {
    return Stream.of(
        new Rewriting("simplified", m -> Simplification.simplify(m.graph())),
        new Rewriting("lifted", m -> OpsetLift.lift(m, Ops.NEWEST_OPSET)),
        new Rewriting("decomposed", m -> {
          ShapeInference.of(m.graph()).store();
          Decomposition.decompose(m.graph(), n -> true);
        }));
  }

  @ParameterizedTest
  @MethodSource("rewritings")
  void noneFails(Rewriting rewriting) {
    ConformanceResult result = new Conformance(runner(rewriting))
        .run(Path.of(System.getProperty("dwindle.nodetests")), name -> true, Progress.SILENT);
    List<String> failed = result.tests().entrySet().stream()
        .filter(t -> t.getValue().status() == ConformanceResult.Status.FAIL)
        .map(t -> t.getKey() + ": " + t.getValue().reason()).toList();
    assertEquals(List.of(), failed);
    assertTrue(result.count(ConformanceResult.Status.PASS) >= 1000);
  }

  private static Conformance.Runner runner(Rewriting rewriting) {
    return new Conformance.Runner() {
      @Override
      public Support supports(Node node) {
        return Support.YES;
      }

      @Override
      public Conformance.Run run(Graph graph, Map<String, Tensor> inputs) {
        Model copy = graph.model().copy();
        if (graph.opset("") >= OpsetLift.OLDEST) {
          rewriting.change().accept(copy);
        }
        GraphVerifier.verify(copy.graph());
        return new Conformance.Run(Interpreter.run(copy.graph(), inputs), List.of());
      }
    };
  }
}
