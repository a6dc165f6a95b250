package dev.dwindle.pass;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.PassFailedException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PipelineTest {
  /** Leaves a graph behind whose first node reads what the second makes. */
  private record Disorder() implements Pass {
    @Override
    public String name() {
      return "disorder";
    }

    @Override
    public Settings.Schema settings() {
      return Settings.Schema.of();
    }

    @Override
    public PassResult apply(Graph graph, PassContext context) {
      graph.nodes().getFirst().setInput(0, graph.value("y"));
      return PassResult.of(name(), "done");
    }
  }

  @Test
  void aPassWhoseGraphIsFlawedHasNotRun() {
    Model model = GraphText.parse("""
        net (float[2] x) => (y)
        {
          h = Relu(x)
          y = Neg(h)
        }
        """);
    Pass pass = new Disorder();
    Pipeline pipeline = new Pipeline(List.of(new Pipeline.Step(pass, null)));
    PassContext context = new PassContext(null, null, null, null, 1, 0, null);
    String message = assertThrows(PassFailedException.class, () -> pipeline.run(model, context)).getMessage();
    assertTrue(message.contains("'disorder', failed: "), message);
  }
}
