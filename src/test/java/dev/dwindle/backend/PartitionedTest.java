package dev.dwindle.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A device that refuses some operators, with the CPU behind it. */
class PartitionedTest extends BackendContract {
  private static final Set<String> REFUSED = Set.of("Neg", "Add", "Conv", "Concat");

  @Override
  protected Backend backend() {
    return new Partitioned(new Picky(), new CpuBackend());
  }

  /** The CPU without some operators. */
  private static final class Picky implements Backend {
    private final CpuBackend cpu = new CpuBackend();

    @Override
    public String name() {
      return "picky";
    }

    @Override
    public Availability availability() {
      return cpu.availability();
    }

    @Override
    public DeviceInfo device() {
      return cpu.device();
    }

    @Override
    public Support supports(Node node) {
      return REFUSED.contains(node.operator()) ? Support.no("not on this device") : cpu.supports(node);
    }

    @Override
    public Executable compile(Graph graph, CompileOptions options) {
      assertTrue(graph.nodes().stream().noneMatch(n -> REFUSED.contains(n.operator())), "compiled what it refuses");
      return cpu.compile(graph, options);
    }

    @Override
    public void close() {
      cpu.close();
    }
  }

  /** Takes what another takes, in any precision, and counts what it has compiled and closed. */
  private static class Counting implements Backend {
    private final Backend other;
    private int compiled;
    private int closed;
    private final List<CompileOptions.Precision> precisions = new ArrayList<>();

    Counting(Backend other) {
      this.other = other;
    }

    @Override
    public String name() {
      return other.name();
    }

    @Override
    public Availability availability() {
      return other.availability();
    }

    @Override
    public DeviceInfo device() {
      return other.device();
    }

    @Override
    public Support supports(Node node) {
      return other.supports(node);
    }

    @Override
    public Executable compile(Graph graph, CompileOptions options) {
      compiled++;
      precisions.add(options.precision());
      Executable executable = other.compile(graph, CompileOptions.DEFAULT);
      return new Executable() {
        @Override
        public Bound bind() {
          return executable.bind();
        }

        @Override
        public void close() {
          closed++;
          executable.close();
        }
      };
    }

    @Override
    public void close() {
      other.close();
    }
  }

  @Test
  void leavesCostOneCut() {
    Model model = new Model(8, 17);
    Value x = input(model);
    for (int i = 0; i < 5; i++) {
      x = op(model, "Relu", x);
      model.graph().addOutput(op(model, "Neg", x));
    }
    model.graph().addOutput(x);
    assertParts(model, 2);
  }

  @Test
  void aChainCostsACutAtEachChange() {
    Model model = new Model(8, 17);
    Value x = input(model);
    for (String operator : List.of("Neg", "Neg", "Relu", "Relu", "Neg")) {
      x = op(model, operator, x);
    }
    model.graph().addOutput(x);
    assertParts(model, 3);
  }

  @Test
  void namesTheCauses() {
    Model model = new Model(8, 17);
    Value x = op(model, "Neg", input(model));
    model.graph().addOutput(op(model, "Relu", x));
    Partition partition = Partition.of(model.graph(), new Picky()::supports);
    assertEquals(List.of("Neg '" + x.name() + "': not on this device"), partition.causes());
  }

  @Test
  void closesWhatItCompiledWhereAPartFails() {
    Model model = new Model(8, 17);
    model.graph().addOutput(op(model, "Neg", op(model, "Relu", input(model))));
    Counting first = new Counting(new Picky());
    assertThrows(AssertionError.class,
        () -> new Partitioned(first, new Picky()).compile(model.graph(), CompileOptions.DEFAULT));
    assertEquals(1, first.compiled);
    assertEquals(1, first.closed);
  }

  @Test
  void whatIsRefusedInAGraphIsCutOutOfThatGraph() {
    Model model = new Model(8, 17);
    Value relu = op(model, "Relu", input(model));
    Value exp = op(model, "Exp", relu);
    model.graph().addOutput(op(model, "Tanh", exp));
    Backend together = new Counting(new CpuBackend()) {
      @Override
      public Executable compile(Graph graph, CompileOptions options) {
        Node node = graph.nodes().stream().filter(n -> n.is("Exp")).findFirst().orElse(null);
        if (node != null && graph.nodes().size() > 1) throw new NodeRefusedException(name(), node, "not here", null);
        return super.compile(graph, options);
      }
    };
    try (Backend backend = new Partitioned(together, new CpuBackend());
        PartitionedExecutable executable = (PartitionedExecutable) backend.compile(model.graph(),
            CompileOptions.DEFAULT)) {
      assertEquals(3, executable.partition().parts().size());
      assertEquals(List.of("Exp '" + exp.name() + "': not here"), executable.partition().causes());
    }
    Node lone = model.graph().nodes().get(1);
    assertTrue(together.supports(lone).isYes());
  }

  @Test
  void whatIsRefusedInTheFirstRunIsCutOutThen() {
    Graph graph = GraphText.parse("g (float[N] x) => (y) { a = Relu(x)  e = Exp(a)  y = Tanh(e) }").graph();
    Backend first = new Counting(new CpuBackend()) {
      @Override
      public Executable compile(Graph part, CompileOptions options) {
        Node node = part.nodes().stream().filter(n -> n.is("Exp")).findFirst().orElse(null);
        if (node == null) return super.compile(part, options);
        return new VanishingBackend(new CpuBackend(), 0,
            () -> new NodeRefusedException("picky", node, "not these shapes", null)).compile(part, options);
      }
    };
    try (Backend backend = new Partitioned(first, new CpuBackend());
        PartitionedExecutable executable = (PartitionedExecutable) backend.compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind();
        Bound other = executable.bind()) {
      float[] memory = {0.5f, -1};
      Tensor x = Tensor.wrap(DType.FLOAT, Shape.of(2), MemorySegment.ofArray(memory));
      assertEquals(1, executable.partition().parts().size());
      for (Bound each : List.of(bound, other)) {
        memory[0] = 0.5f;
        each.set("x", x);
        memory[0] = 7;
        each.run();
        assertEquals((float) Math.tanh(Math.exp(0.5)), each.outputs().get("y").floats()[0], 1e-6);
        assertEquals((float) Math.tanh(1), each.outputs().get("y").floats()[1], 1e-6);
      }
      assertEquals(3, executable.partition().parts().size());
      assertEquals(List.of("Exp 'e': not these shapes"), executable.partition().causes());
    }
  }

  @Test
  void whatIsKnownAheadIsAConstantInEachPart() {
    Model model = GraphText.parse("""
        g (float[N,3] x) => (y) {
          axes = Constant <value = int64[1] {0}> ()
          r = Relu(x)
          n = Neg(r)
          y = Unsqueeze(n, axes)
        }""");
    List<Graph> compiled = new ArrayList<>();
    Backend seen = new Counting(new Picky()) {
      @Override
      public Executable compile(Graph graph, CompileOptions options) {
        compiled.add(graph.model().copy().graph());
        return super.compile(graph, options);
      }
    };
    try (Executable executable = new Partitioned(seen, new CpuBackend()).compile(model.graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      bound.set("x", Tensor.of(Shape.of(1, 3), 1f, 2f, 3f));
      bound.run();
      assertEquals(Shape.of(1, 1, 3), bound.outputs().get("y").shape());
    }
    assertEquals(2, compiled.size());
    assertEquals(List.of("n"), compiled.getLast().requiredInputs().stream().map(Value::name).toList());
    assertTrue(compiled.getLast().nodes().getFirst().input(1).isConstant());
  }

  @Test
  void aRefusalThatNamesNoNodeOfTheGraphIsTold() {
    Model model = new Model(8, 17);
    model.graph().addOutput(op(model, "Relu", input(model)));
    Node stranger = stranger().producer();
    Backend refusing = new Counting(new CpuBackend()) {
      @Override
      public Executable compile(Graph graph, CompileOptions options) {
        throw new NodeRefusedException(name(), stranger, "not here", null);
      }
    };
    assertThrows(NodeRefusedException.class,
        () -> new Partitioned(refusing, new CpuBackend()).compile(model.graph(), CompileOptions.DEFAULT));
  }

  @Test
  void aPrecisionIsThatOfTheFirstDeviceAlone() {
    Model model = new Model(8, 17);
    model.graph().addOutput(op(model, "Neg", op(model, "Relu", input(model))));
    Counting first = new Counting(new Picky());
    Backend halves = new InPrecision(new Partitioned(first, new CpuBackend()), CompileOptions.Precision.F16);
    assertEquals("picky@f16", halves.name());
    try (Executable executable = halves.compile(model.graph(), CompileOptions.DEFAULT)) {
      assertEquals(List.of(CompileOptions.Precision.F16), first.precisions);
    }
  }

  private void assertParts(Model model, int parts) {
    Map<String, Tensor> inputs = Map.of("x", Tensor.of(Shape.of(3), -1f, 2f, -3f));
    try (Backend backend = backend();
        PartitionedExecutable executable = (PartitionedExecutable) backend.compile(model.graph(),
            CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      assertEquals(parts, executable.partition().parts().size());
      inputs.forEach(bound::set);
      bound.run();
      List<Tensor> expected = Interpreter.run(model.graph(), inputs);
      List<Tensor> actual = List.copyOf(bound.outputs().values());
      for (int i = 0; i < expected.size(); i++) {
        assertTrue(expected.get(i).contentEquals(actual.get(i)), "output " + i);
      }
    }
  }

  private static Value stranger() {
    Model other = new Model(8, 17);
    return other.graph().node("Neg").in(input(other)).out("other", null).append().output();
  }

  private static Value input(Model model) {
    Value x = model.graph().addValue("x", TensorType.of(DType.FLOAT, Shape.of(3)));
    model.graph().addInput(x);
    return x;
  }

  private static Value op(Model model, String operator, Value x) {
    return model.graph().node(operator).in(x).out("v", null).append().output();
  }
}
