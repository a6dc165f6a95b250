package dev.dwindle.backend.cuda;

import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.stream.Collectors;

/**
 * Lets what is FLOAT in a graph be FLOAT16 or BFLOAT16 in the GPU's memory, wherever a kernel takes it so. Inputs, outputs and what other kernels read stay FLOAT. Sums and functions
 * are FLOAT in any case: it is tensors between launches that are rounded.
 */
final class Narrowing {
  private final DType dtype;
  /** Constants that were rounded, so that plans share them. */
  private final Map<Tensor, Tensor> rounded = new WeakHashMap<>();

  private Narrowing(DType dtype) {
    this.dtype = dtype;
  }

  /** What a precision means for tensors in memory; null where they stay as they are. */
  static Narrowing of(Precision precision) {
    return switch (precision) {
      case F16 -> new Narrowing(DType.FLOAT16);
      case BF16 -> new Narrowing(DType.BFLOAT16);
      case F32, TF32 -> null;
    };
  }

  /** Narrows a graph whose types are known. Training stays as it is: what a step adds to a weight would be lost. */
  void apply(Graph graph) {
    boolean trains = graph.nodes().stream().anyMatch(node -> node.domain().equals(Operator.OWN_DOMAIN));
    if (!trains) new Pass(graph).run();
  }

  private final class Pass {
    private final Graph graph;
    /** Values of the other width, by those that they were made of. */
    private final Map<Value, Value> narrow = new HashMap<>();
    private final Map<Value, Value> wide = new HashMap<>();

    Pass(Graph graph) {
      this.graph = graph;
    }

    void run() {
      List<Node> nodes = List.copyOf(graph.nodes());
      Set<Node> narrowed = narrowed(nodes);
      for (Node node : nodes) {
        boolean takes = narrowed.contains(node);
        for (int i = 0; i < node.inputs().size(); i++) {
          Value input = node.input(i);
          if (input == null) continue;
          // How an image is resized is said in FLOAT in any case.
          boolean plain = takes && !(Typed.is(node, "Resize") && i > 0);
          if (plain && is(input, DType.FLOAT)) node.setInput(i, narrow(input, node));
          if (!plain && wide.containsKey(input)) node.setInput(i, wide(input, node));
        }
        if (takes) node.outputs().stream().filter(output -> is(output, DType.FLOAT)).forEach(this::narrowOutput);
      }
      for (int i = 0; i < graph.outputs().size(); i++) {
        Value output = graph.outputs().get(i);
        if (wide.containsKey(output)) graph.setOutput(i, wide(output, null));
      }
      graph.removeDead();
    }

    /** Asked before any type changes: nodes that gain by it, and those beside them, or beside those, that do little else than pass numbers on. */
    private Set<Node> narrowed(List<Node> nodes) {
      List<Node> able = nodes.stream().filter(this::takesNarrow).toList();
      Set<Node> narrowed = able.stream().filter(node -> !isPassing(node)).collect(Collectors.toSet());
      boolean more = true;
      while (more) {
        more = false;
        for (Node node : able) more |= touches(node, narrowed) && narrowed.add(node);
      }
      return narrowed;
    }

    private boolean takesNarrow(Node node) {
      CudaKernel kernel = CudaKernels.find(node);
      return kernel != null && kernel.takesNarrow(node) && node.outputs().stream().anyMatch(v -> is(v, DType.FLOAT))
          && node.inputs().stream()
              .allMatch(v -> v == null || !v.isConstant() || !is(v, DType.FLOAT) || holds(v.tensor()));
    }

    /** Whether a node does little with what it reads: narrow, beside others that are wide, it would only round. */
    private boolean isPassing(Node node) {
      CudaKernel kernel = CudaKernels.find(node);
      return kernel instanceof UnaryKernel || kernel instanceof BinaryKernel || kernel instanceof WhereKernel
          || kernel instanceof ViewKernel || kernel instanceof MovementKernel
          || kernel instanceof PoolKernel || kernel instanceof GatherKernel;
    }

    /** Whether a node reads what others of these make, or they read what it makes. */
    private boolean touches(Node node, Set<Node> others) {
      boolean reads = node.inputs().stream().anyMatch(v -> v != null && others.contains(v.producer()));
      return reads || node.outputs().stream().filter(v -> v != null).flatMap(v -> v.uses().stream())
          .anyMatch(use -> others.contains(use.node()));
    }

    /** Whether a constant is still one when it is rounded: not infinite, and not zero where it is a single number. */
    private boolean holds(Tensor tensor) {
      float[] before = Elements.floats(tensor);
      float[] after = Elements.floats(rounded(tensor));
      for (int i = 0; i < before.length; i++) {
        if (Float.isInfinite(after[i]) && !Float.isInfinite(before[i])) return false;
      }
      return before.length != 1 || after[0] != 0 || before[0] == 0;
    }

    private boolean is(Value value, DType which) {
      return value != null && (value.isConstant() ? value.tensor().dtype() : value.tensorType().dtype()) == which;
    }

    private void narrowOutput(Value output) {
      output.setType(output.tensorType().with(dtype));
      wide.put(output, null);
    }

    private Value narrow(Value value, Node reader) {
      return narrow.computeIfAbsent(value, v -> v.isConstant() ? graph.addConstant(v.name(), rounded(v.tensor()))
          : cast(v, dtype, reader));
    }

    /** A narrow value in FLOAT, made before its first reader; at the end of the graph where that is null. */
    private Value wide(Value value, Node reader) {
      Value known = wide.get(value);
      if (known != null) return known;
      Value made = cast(value, DType.FLOAT, reader);
      wide.put(value, made);
      return made;
    }

    private Value cast(Value value, DType to, Node reader) {
      TensorType type = value.tensorType().with(to);
      var builder = graph.node("Cast").in(value).attribute(Attribute.of("to", (long) to.code())).out(value.name(),
          type);
      return (reader == null ? builder.append() : builder.before(reader)).output();
    }

    private Tensor rounded(Tensor tensor) {
      return rounded.computeIfAbsent(tensor, t -> Elements.ofFloats(dtype, t.shape(), Elements.floats(t)));
    }
  }
}
