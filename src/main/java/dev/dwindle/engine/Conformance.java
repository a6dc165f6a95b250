package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.PartitionedExecutable;
import dev.dwindle.backend.Support;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxTensors;
import dev.dwindle.op.Interpreter;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.ConformanceResult;
import dev.dwindle.result.ConformanceResult.Outcome;
import dev.dwindle.result.ConformanceResult.Status;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The ONNX project's node tests run on a device: folders {@code test_x} with {@code model.onnx} and data sets of {@code
 * input_i.pb} and {@code output_i.pb}. Random operators, strings, sequences and optionals count as unsupported.
 */
public final class Conformance {
  /** What runs the graphs of tests. */
  public interface Runner {
    Support supports(Node node);

    Run run(Graph graph, Map<String, Tensor> inputs);
  }

  /**
   * What a runner made of a graph.
   *
   * @param outputs in the graph's order
   * @param causes why another device ran a part of it; empty where none did
   */
  public record Run(List<Tensor> outputs, List<String> causes) {}

  private static final Set<String> QUANTIZING = Set.of("QuantizeLinear", "DynamicQuantizeLinear", "QLinearConv",
      "QLinearMatMul");

  private final Runner runner;

  public Conformance(Runner runner) {
    this.runner = runner;
  }

  /** Runs graphs by the plain meanings of their operators. */
  public static Runner plain() {
    return new Runner() {
      @Override
      public Support supports(Node node) {
        return Support.YES;
      }

      @Override
      public Run run(Graph graph, Map<String, Tensor> inputs) {
        return new Run(Interpreter.run(graph, inputs), List.of());
      }
    };
  }

  /** Runs graphs on a device, compiled for the shapes of each data set. */
  public static Runner on(Backend backend) {
    return new Runner() {
      @Override
      public Support supports(Node node) {
        return backend.supports(node);
      }

      @Override
      public Run run(Graph graph, Map<String, Tensor> inputs) {
        Map<String, Shape> shapes = new HashMap<>();
        inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        try (Executable executable = backend.compile(graph, CompileOptions.DEFAULT.withShapes(shapes));
            Bound bound = executable.bind()) {
          inputs.forEach(bound::set);
          bound.run();
          // Copies: the outputs are views that end with the buffers.
          List<Tensor> outputs = graph.outputs().stream().map(v -> bound.outputs().get(v.name()))
              .map(t -> Tensor.of(t.dtype(), t.shape(), t.bytes())).toList();
          return new Run(outputs,
              executable instanceof PartitionedExecutable parts ? parts.partition().causes() : List.of());
        }
      }
    };
  }

  /**
   * Runs the tests of a folder whose names the filter takes, in order of name.
   *
   * @throws InvalidInputException where the folder holds no test
   */
  public ConformanceResult run(Path folder, Predicate<String> filter, Progress progress) {
    List<Path> tests;
    try (Stream<Path> entries = Files.list(folder)) {
      tests = entries.filter(p -> Files.isRegularFile(p.resolve("model.onnx"))).sorted().toList();
    } catch (IOException e) {
      throw new InvalidInputException(folder + ": cannot be read, expected a folder of tests", e);
    }
    if (tests.isEmpty()) {
      throw new InvalidInputException(
          folder + ": found no test_*/model.onnx; scripts/conformance writes the ONNX project's tests");
    }
    tests = tests.stream().filter(p -> filter.test(p.getFileName().toString())).toList();
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    progress.begin("tests", tests.size());
    for (Path test : tests) {
      outcomes.put(test.getFileName().toString(), test(test));
      progress.advance(1);
    }
    progress.end();
    return new ConformanceResult(outcomes);
  }

  /** Runs one test. */
  public Outcome test(Path test) {
    try {
      Model model = OnnxReader.read(test.resolve("model.onnx"));
      String reason = unsupported(model.graph());
      if (reason != null) {
        return Outcome.unsupported(reason);
      }
      List<Path> sets;
      try (Stream<Path> entries = Files.list(test)) {
        sets = entries.filter(p -> p.getFileName().toString().startsWith("test_data_set_")).sorted().toList();
      }
      Outcome outcome = Outcome.failed("has no data set");
      for (Path set : sets) {
        outcome = dataSet(model.graph(), set);
        if (outcome.status() != Status.PASS) {
          return outcome;
        }
      }
      return outcome;
    } catch (InvalidInputException e) {
      return Outcome.failed(e.getMessage());
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return Outcome.failed(e + at(e));
    }
  }

  private static String at(Throwable e) {
    return e.getStackTrace().length == 0 ? "" : " at " + e.getStackTrace()[0];
  }

  private Outcome dataSet(Graph graph, Path set) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    List<Value> slots = graph.inputs();
    for (int i = 0; i < slots.size() && Files.exists(set.resolve("input_" + i + ".pb")); i++) {
      inputs.put(slots.get(i).name(), OnnxTensors.read(set.resolve("input_" + i + ".pb")));
    }
    if (graph.nodes().stream().anyMatch(n -> dropsOut(n, inputs))) {
      return Outcome.unsupported("random operator Dropout in training mode");
    }
    Run run = runner.run(graph, inputs);
    List<Tensor> found = run.outputs();
    boolean quantized = graph.nodes().stream().anyMatch(n -> n.domain().isEmpty() && QUANTIZING.contains(n.operator()));
    for (int i = 0; i < found.size(); i++) {
      Tensor expected = OnnxTensors.read(set.resolve("output_" + i + ".pb"));
      String difference = Closeness.difference(found.get(i), expected, quantized);
      if (difference != null) {
        return Outcome.failed("output " + i + " '" + graph.outputs().get(i).name() + "' " + difference);
      }
    }
    return run.causes().isEmpty() ? Outcome.PASSED : Outcome.PASSED.withFallback(String.join("; ", run.causes()));
  }

  /** Whether a node is a Dropout that really drops: training mode, and a ratio above 0. */
  private static boolean dropsOut(Node node, Map<String, Tensor> inputs) {
    if (!node.is("Dropout") || node.input(2) == null) {
      return false;
    }
    Tensor training = known(node.input(2), inputs);
    Tensor ratio = node.input(1) == null ? Tensor.scalar(0.5f) : known(node.input(1), inputs);
    return training != null && ratio != null && Elements.longs(training)[0] != 0 && Elements.floats(ratio)[0] != 0;
  }

  private static Tensor known(Value value, Map<String, Tensor> inputs) {
    Node producer = value.producer();
    if (producer != null && producer.is("Constant")
        && producer.attribute("value") instanceof Attribute a && a.value() instanceof Attribute.TensorValue v) {
      return v.constant().tensor();
    }
    return inputs.getOrDefault(value.name(), value.tensor());
  }

  /** Why a graph is beyond the runner, or null where it is not. */
  private String unsupported(Graph graph) {
    for (Value value : graph.values()) {
      if (value.type() != null && !(value.type() instanceof TensorType)) {
        return "value '" + value.name() + "' is no tensor";
      }
      if (value.tensorType() != null && value.tensorType().dtype() == DType.STRING) {
        return "strings";
      }
    }
    List<String> reasons = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Operator operator = Ops.find(node);
      if (operator == null || graph.model().function(node) != null) {
        reasons.add("operator " + (node.domain().isEmpty() ? "" : node.domain() + ".") + node.operator() + " version "
            + node.version());
      } else if (operator.isRandom()) {
        reasons.add("random operator " + node.operator());
      } else if (node.is("Cast") && node.attribute("to") instanceof Attribute a
          && a.value() instanceof Attribute.IntValue to && to.value() == DType.STRING.code()) {
        reasons.add("strings");
      } else if (runner.supports(node) instanceof Support.No no) {
        reasons.add(no.reason());
      }
      node.subgraphs().stream().map(this::unsupported).filter(r -> r != null).forEach(reasons::add);
    }
    return reasons.isEmpty() ? null : String.join("; ", reasons.stream().distinct().toList());
  }
}
