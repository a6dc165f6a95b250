package dev.dwindle.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.catalog.Backends;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.op.Interpreter;
import dev.dwindle.op.Ops;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.OpsetLift;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What holds for every graph, tried on random ones: rewritten, edited, printed or written and read, it computes the same. A
 * failure is told for the smallest graph of its seed that shows it.
 */
class GraphPropertiesTest {
  private static final int SEEDS = 200;
  private static final int NODES = 24;

  @TempDir
  Path folder;

  /** Tries a property on many graphs; where it fails, on smaller ones of the same seed. */
  private static void holds(UnaryOperator<Model> change) {
    List<String> failures = new ArrayList<>();
    for (long seed = 0; seed < SEEDS && failures.size() < 3; seed++) {
      if (failure(change, seed, NODES) == null) {
        continue;
      }
      for (int nodes = 1; nodes <= NODES; nodes++) {
        String failure = failure(change, seed, nodes);
        if (failure != null) {
          failures.add("seed " + seed + ", " + nodes + " nodes: " + failure);
          break;
        }
      }
    }
    assertEquals("", String.join("\n", failures));
  }

  /** What is wrong with the changed graph of a seed, with the graph before; null where nothing is. */
  private static String failure(UnaryOperator<Model> change, long seed, int nodes) {
    RandomGraph random = RandomGraph.of(seed, nodes);
    String text = GraphText.print(random.model());
    List<Tensor> expected = Interpreter.run(random.graph(), random.inputs());
    try {
      Graph changed = change.apply(random.model().copy()).graph();
      GraphVerifier.verify(changed);
      String difference = difference(expected, Interpreter.run(changed, random.inputs()));
      return difference == null ? null : difference + "\n" + text + "became\n" + GraphText.print(changed);
    } catch (RuntimeException e) {
      return e + " at " + e.getStackTrace()[0] + "\n" + text;
    }
  }

  private static String difference(List<Tensor> expected, List<Tensor> found) {
    for (int i = 0; i < expected.size(); i++) {
      if (!expected.get(i).toString().equals(found.get(i).toString())) {
        return "output " + i + " is " + found.get(i) + ", expected " + expected.get(i);
      }
      double[] a = Elements.doubles(expected.get(i));
      double[] b = Elements.doubles(found.get(i));
      for (int j = 0; j < a.length; j++) {
        if (!(Math.abs(a[j] - b[j]) <= 1e-3 * (1 + Math.abs(a[j])))) {
          return "output " + i + ", element " + j + " is " + b[j] + ", expected " + a[j];
        }
      }
    }
    return null;
  }

  @Test
  void simplificationKeepsTheOutputs() {
    holds(model -> {
      Simplification.simplify(model.graph());
      return model;
    });
  }

  @Test
  void theLiftToTheNewestOperatorsKeepsTheOutputs() {
    holds(model -> {
      OpsetLift.lift(model, Ops.NEWEST_OPSET);
      return model;
    });
  }

  @Test
  void writtenAndReadItIsTheSame() {
    holds(model -> {
      Path file = folder.resolve("model.onnx");
      OnnxWriter.write(model, file);
      Model read = OnnxReader.read(file);
      assertEquals(GraphText.print(model), GraphText.print(read));
      return read;
    });
  }

  @Test
  void editsKeepTheOutputs() {
    holds(model -> edited(model, new Random(model.graph().nodes().size())));
  }

  /** Identities between nodes, their removal, other names, and constants that nothing reads. */
  private static Model edited(Model model, Random random) {
    Graph graph = model.graph();
    for (Node node : List.copyOf(graph.nodes())) {
      Value output = node.output();
      switch (random.nextInt(4)) {
        case 0 -> {
          if (!output.isGraphOutput() && !output.isUnused()) {
            Node identity = graph.node("Identity").in(output).out("copied", output.type()).after(node);
            output.uses().stream().filter(use -> use.node() != identity).toList()
                .forEach(use -> use.node().setInput(use.index(), identity.output()));
          }
        }
        case 1 -> {
          if (!output.isGraphOutput()) {
            graph.rename(output, graph.freshName("renamed"));
          }
        }
        case 2 -> graph.addConstant("unread", Tensor.scalar(1f));
        default -> {
        }
      }
    }
    for (Node node : List.copyOf(graph.nodes())) {
      if (node.is("Identity") && !node.output().isGraphOutput() && random.nextBoolean()) {
        graph.replaceUses(node.output(), node.input(0));
      }
    }
    graph.removeDead();
    return model.copy();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "onnxruntime:CPU"})
  void deviceComputesWhatThePlainLoopsDo(String device) {
    List<String> failures = new ArrayList<>();
    for (long seed = 0; seed < SEEDS / 2; seed++) {
      RandomGraph random = RandomGraph.of(seed, NODES);
      List<Tensor> expected = Interpreter.run(random.graph(), random.inputs());
      try (Backend backend = Backends.open(device);
          Executable executable = backend.compile(random.graph(), CompileOptions.DEFAULT.withThreads(1));
          Bound bound = executable.bind()) {
        new LinkedHashMap<>(random.inputs()).forEach(bound::set);
        bound.run();
        Map<String, Tensor> outputs = bound.outputs();
        String difference = difference(expected,
            random.graph().outputs().stream().map(v -> outputs.get(v.name())).toList());
        if (difference != null) {
          failures.add("seed " + seed + ": " + difference + "\n" + GraphText.print(random.model()));
        }
      }
    }
    assertEquals("", String.join("\n", failures.subList(0, Math.min(2, failures.size()))));
  }
}
