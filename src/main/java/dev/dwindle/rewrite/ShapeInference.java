package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Inference;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Walks a graph in order and asks each operator for the types of its outputs. What depends on constants only and is
 * small is evaluated on the way; what depends on shapes only is followed in symbolic dimensions. An operator that is
 * not known leaves the declared types of its outputs, or none.
 */
public final class ShapeInference {
  /** Larger results are not evaluated here; they seldom say anything about shapes. */
  private static final long MAX_KNOWN = 4096;
  /** Nor is anything that reads more than this, so that inference stays cheap. */
  private static final long MAX_READ = 1 << 16;

  private final Types found = new Types();
  private final Map<String, Dim> bindings = new HashMap<>();
  private final Inference.Knowledge knowledge = new Inference.Knowledge() {
    @Override
    public ValueType type(Value value) {
      return found.type(value);
    }

    @Override
    public Tensor tensor(Value value) {
      return found.tensor(value);
    }

    @Override
    public List<Dim> content(Value value) {
      return found.content(value);
    }

    @Override
    public List<ValueType> infer(Graph body, List<ValueType> inputs) {
      return walk(body, inputs);
    }
  };

  private ShapeInference() {}

  /** Infers with the declared types of the inputs, whose named dimensions stay symbols. */
  public static Types of(Graph graph) {
    return of(graph, Map.of());
  }

  /**
   * Infers for concrete input shapes.
   *
   * @param shapes by input name; an input that is not there keeps its declared type, in which a name that another
   *          input binds to a number is that number
   * @throws InvalidInputException where a shape does not fit the declared one, or an operator's inputs or attributes
   *           break the specification
   */
  public static Types of(Graph graph, Map<String, Shape> shapes) {
    ShapeInference inference = new ShapeInference();
    shapes.forEach((name, shape) -> inference.bind(graph, name, shape));
    List<ValueType> inputs = new ArrayList<>();
    for (Value input : graph.inputs()) {
      Shape given = shapes.get(input.name());
      TensorType declared = input.tensorType();
      inputs.add(given == null ? input.type()
          : TensorType.of(declared == null ? null : declared.dtype(), given));
    }
    inference.walk(graph, inputs);
    return inference.found;
  }

  private void bind(Graph graph, String name, Shape shape) {
    Value input = graph.value(name);
    if (input == null || !input.isGraphInput()) {
      throw new InvalidInputException("input '" + name + "': the graph has none of this name, expected one of "
          + graph.inputs().stream().map(Value::name).toList());
    }
    TensorType declared = input.tensorType();
    if (declared == null || !declared.hasRank()) {
      return;
    }
    boolean fits = declared.rank() == shape.rank();
    for (int i = 0; fits && i < shape.rank(); i++) {
      Dim size = Dim.of(shape.dim(i));
      Dim wanted = declared.dim(i).isNamed() ? bindings.computeIfAbsent(declared.dim(i).toString(), k -> size)
          : declared.dim(i);
      fits = wanted.equals(size) || !wanted.isKnown();
    }
    if (!fits) {
      throw new InvalidInputException("input '" + name + "': found shape " + shape + ", expected " + declared
          + (bindings.isEmpty() ? "" : " with " + bindings));
    }
  }

  private List<ValueType> walk(Graph graph, List<ValueType> inputs) {
    for (Value constant : graph.constants()) {
      found.set(constant, TensorType.of(constant.tensor()), null, null);
    }
    for (int i = 0; i < graph.inputs().size(); i++) {
      Value input = graph.inputs().get(i);
      ValueType given = i < inputs.size() ? inputs.get(i) : null;
      if (!input.isConstant()) {
        found.set(input, bound(Types.refined(given, input.type())), null, null);
      }
    }
    for (Node node : graph.nodes()) {
      infer(node);
    }
    return graph.outputs().stream().map(found::type).toList();
  }

  private void infer(Node node) {
    Operator operator = isOpen(node) ? null : Ops.find(node);
    if (operator == null) {
      node.subgraphs().forEach(g -> walk(g, List.of()));
    }
    Inference call = new Inference(node, knowledge);
    List<ValueType> types = operator == null ? List.of() : operator.infer(call);
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.output(i) != null) {
        ValueType type = i < types.size() ? types.get(i) : null;
        found.set(node.output(i), Types.refined(type, declared(node.output(i))), null, null);
      }
    }
    if (operator != null && !operator.isRandom() && !evaluate(node, operator)) {
      follow(node, operator.content(call));
    }
  }

  /** Whether an attribute is a function's, which only a call of it says. */
  private static boolean isOpen(Node node) {
    return node.attributes().stream().anyMatch(a -> a.value() instanceof Attribute.Reference);
  }

  /** The declared type without its names: files use one name for different sizes. */
  private static ValueType declared(Value value) {
    if (value.type() instanceof TensorType t && t.hasRank()) {
      return t.withDims(t.dims().stream().map(d -> d.isKnown() ? d : Dim.unknown()).toList());
    }
    return value.type();
  }

  private ValueType bound(ValueType type) {
    if (type instanceof TensorType t && t.hasRank()) {
      return t.withDims(t.dims().stream().map(d -> bindings.getOrDefault(d.toString(), d)).toList());
    }
    return type;
  }

  private boolean evaluate(Node node, Operator operator) {
    List<Tensor> inputs = new ArrayList<>();
    long read = 0;
    for (Value input : node.inputs()) {
      Tensor tensor = input == null ? null : found.tensor(input);
      if (input != null && tensor == null) {
        return false;
      }
      inputs.add(tensor);
      read += tensor == null ? 0 : tensor.size();
    }
    if (read > MAX_READ || !node.subgraphs().isEmpty() || !node.outputs().stream().allMatch(this::isSmall)) {
      return false;
    }
    List<Tensor> results;
    try {
      results = operator.evaluate(new Evaluation(node, inputs, (body, given) -> List.of()));
    } catch (RuntimeException e) {
      return false; // a branch that is never taken may compute nonsense; what runs will fail when it runs
    }
    for (int i = 0; i < Math.min(results.size(), node.outputs().size()); i++) {
      if (node.output(i) != null && results.get(i) != null) {
        found.set(node.output(i), TensorType.of(results.get(i)), results.get(i), null);
      }
    }
    return true;
  }

  private boolean isSmall(Value output) {
    Shape shape = output == null ? Shape.SCALAR : found.shape(output);
    return shape != null && shape.size() <= MAX_KNOWN;
  }

  private void follow(Node node, List<Dim> content) {
    if (content == null || node.outputs().isEmpty() || node.output() == null) {
      return;
    }
    TensorType type = found.tensorType(node.output());
    Tensor known = null;
    if (type.dtype() != null && type.hasRank() && content.stream().allMatch(Dim::isKnown)) {
      Shape shape = type.rank() == 0 ? Shape.SCALAR : Shape.of(content.size());
      known = Elements.ofLongs(type.dtype(), shape, content.stream().mapToLong(Dim::size).toArray());
    }
    found.set(node.output(), known == null ? type : TensorType.of(known), known, content);
  }
}
