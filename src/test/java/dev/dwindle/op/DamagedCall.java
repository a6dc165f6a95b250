package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One call of an operator that may break the specification in any way: it may be refused, but only in one line. */
record DamagedCall(Operator operator, int version, List<Tensor> inputs, List<Attribute> attributes, int outputs) {
  /** What went wrong otherwise than by an {@link InvalidInputException}, one line each. */
  List<String> flaws() {
    Map<Value, Tensor> given = new HashMap<>();
    Node node = node(given);
    List<String> flaws = new ArrayList<>();
    tried(flaws, "infer", () -> operator.infer(new Inference(node, knowledge(given))));
    tried(flaws, "infer without numbers", () -> operator.infer(new Inference(node, knowledge(Map.of()))));
    tried(flaws, "content", () -> operator.content(new Inference(node, knowledge(given))));
    tried(flaws, "evaluate", () -> operator.evaluate(new Evaluation(node, inputs, (body, tensors) -> List.of())));
    tried(flaws, "decompose", () -> operator.decompose(new Expansion(node)));
    return flaws;
  }

  private void tried(List<String> flaws, String what, Runnable call) {
    long begin = System.nanoTime();
    try {
      call.run();
    } catch (InvalidInputException e) {
      if (e.getMessage().lines().count() != 1) {
        flaws.add(what + " of " + this + ": more than one line: " + e.getMessage());
      }
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      List<StackTraceElement> own = Arrays.stream(e.getStackTrace())
          .filter(s -> s.getClassName().startsWith("dev.dwindle.op.")).limit(2).toList();
      flaws.add(what + " of " + this + ": " + e + " at " + own);
    }
    if (System.nanoTime() - begin > 2_000_000_000L) {
      flaws.add(what + " of " + this + ": took " + (System.nanoTime() - begin) / 1_000_000 + " ms");
    }
  }

  private Node node(Map<Value, Tensor> given) {
    Model model = new Model(10, operator.domain().isEmpty() ? version : Ops.NEWEST_OPSET);
    model.opsets().put(operator.domain(), version);
    Graph graph = model.graph();
    NodeBuilder builder = graph.node(operator.domain(), operator.name());
    for (Tensor tensor : inputs) {
      Value value = tensor == null ? null : graph.addValue("in" + given.size(), TensorType.of(tensor));
      if (value != null) {
        given.put(value, tensor);
      }
      builder.in(value);
    }
    attributes.forEach(builder::attribute);
    for (int i = 0; i < outputs; i++) {
      builder.out("out" + i, null);
    }
    return builder.append();
  }

  private static Inference.Knowledge knowledge(Map<Value, Tensor> given) {
    return new Inference.Knowledge() {
      @Override
      public ValueType type(Value value) {
        return value.type();
      }

      @Override
      public Tensor tensor(Value value) {
        return given.get(value);
      }

      @Override
      public List<Dim> content(Value value) {
        return null;
      }

      @Override
      public List<ValueType> infer(Graph body, List<ValueType> types) {
        return Arrays.asList(new ValueType[body.outputs().size()]);
      }
    };
  }

  /** {@code Conv-11(float[1,2], -; group=7)}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    inputs.forEach(t -> parts.add(t == null ? "-" : t.toString()));
    List<String> settings = new ArrayList<>();
    attributes.forEach(a -> settings.add(a.name() + "=" + switch (a.value()) {
      case Attribute.IntValue v -> v.value();
      case Attribute.IntValues v -> Arrays.toString(v.values());
      case Attribute.FloatValue v -> v.value();
      case Attribute.StringValue v -> v.text();
      default -> a.value().getClass().getSimpleName();
    }));
    return operator.name() + "-" + version + "(" + String.join(", ", parts) + "; " + String.join(", ", settings) + ")";
  }
}
