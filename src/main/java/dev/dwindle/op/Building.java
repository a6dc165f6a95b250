package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/** A node for which others are made, in the operator set version of its graph. */
public abstract class Building extends Call {
  Building(Node node) {
    super(node);
  }

  /** Puts a new node where its inputs are made and its outputs not yet read. */
  abstract Node place(NodeBuilder builder);

  /** An input, or null where it is omitted. */
  public Value input(int index) {
    return node().input(index);
  }

  /** The type of an input as the last shape inference left it; element type and rank may be unknown. */
  public TensorType type(int input) {
    TensorType type = has(input) ? input(input).tensorType() : null;
    return type == null ? new TensorType(null, null) : type;
  }

  /** A new node of ONNX's own domain with one output. */
  public Value op(String operator, Value... inputs) {
    return op(operator, List.of(), inputs);
  }

  /** A new node of ONNX's own domain with attributes and one output. */
  public Value op(String operator, List<Attribute> attributes, Value... inputs) {
    return ops(operator, attributes, 1, inputs).getFirst();
  }

  /** A new node of ONNX's own domain with several outputs. */
  public List<Value> ops(String operator, List<Attribute> attributes, int outputs, Value... inputs) {
    return ops("", operator, attributes, outputs, inputs);
  }

  /** A new node of a domain with several outputs. */
  List<Value> ops(String domain, String operator, List<Attribute> attributes, int outputs, Value... inputs) {
    NodeBuilder builder = node().graph().node(domain, operator).in(inputs);
    attributes.forEach(builder::attribute);
    for (int i = 0; i < outputs; i++) {
      builder.out(node().operator() + "_" + operator, null);
    }
    return place(builder).outputs();
  }

  Value transposed(Value value, int... order) {
    return op("Transpose", List.of(Attribute.of("perm", IntStream.of(order).asLongStream().toArray())), value);
  }

  Value reshaped(Value value, long... shape) {
    return op("Reshape", value, integers(shape));
  }

  /**
   * A reduction along axes that stay with size 1: the axes go into an input or an attribute, as the version in force has
   * it.
   */
  public Value reduce(String operator, Value x, long... axes) {
    boolean asInput = node().graph().opset("") >= (operator.equals("ReduceSum") ? 13 : 18);
    return asInput ? op(operator, List.of(Attribute.of("keepdims", 1)), x, integers(axes))
        : op(operator, List.of(Attribute.of("keepdims", 1), Attribute.of("axes", axes)), x);
  }

  public Value constant(Tensor tensor) {
    return node().graph().addConstant(node().operator() + "_constant", tensor);
  }

  public Value constant(float scalar) {
    return constant(Tensor.scalar(scalar));
  }

  /** A scalar constant of any numeric type, rounded to it. */
  public Value scalar(DType dtype, double value) {
    return constant(dtype.isFloating() ? Elements.ofDoubles(dtype, Shape.SCALAR, new double[] {value})
        : Elements.ofLongs(dtype, Shape.SCALAR, new long[] {(long) value}));
  }

  /** An INT64 vector constant. */
  public Value integers(long... values) {
    return constant(Tensor.of(Shape.of(values.length), values));
  }
}
