package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** A node that is being carried over to the next operator set version, with the types found before the first one. */
final class LiftCall extends Call {
  private final int target;
  private final Types types;

  LiftCall(Node node, int target, Types types) {
    super(node);
    this.target = target;
    this.types = types;
  }

  Value input(int index) {
    return node().input(index);
  }

  /** The type of an input as far as it is known; never null. */
  TensorType type(int index) {
    TensorType found = types.tensorType(input(index));
    TensorType declared = input(index) == null ? null : input(index).tensorType();
    return declared == null ? found : (TensorType) Types.refined(found, declared);
  }

  /** The numbers of an input where they are known, else null. */
  Tensor known(int index) {
    return has(index) ? types.tensor(input(index)) : null;
  }

  /** The element type of an input, which the new form needs. */
  DType dtype(int index) {
    DType dtype = type(index).dtype();
    if (dtype == null) {
      throw impossible("the element type of input " + index + " is not known");
    }
    return dtype;
  }

  /** A constant beside the node; in a function's body, which has no initializers, a Constant node. */
  Value constant(String hint, Tensor tensor) {
    Graph graph = node().graph();
    boolean inFunction = graph.owner() == null && graph != graph.model().graph();
    if (!inFunction) {
      return graph.addConstant(hint(hint), tensor);
    }
    return graph.node("Constant").attribute(Attribute.of("value", Constant.of(tensor)))
        .out(hint(hint), TensorType.of(tensor)).before(node()).output();
  }

  Value vector(String hint, long... values) {
    return constant(hint, Tensor.of(Shape.of(values.length), values));
  }

  /** A scalar of the element type of the first input. */
  Value scalar(String hint, double value) {
    DType dtype = dtype(0);
    double[] one = {value};
    Tensor tensor = dtype.isFloating() ? Elements.ofDoubles(dtype, Shape.SCALAR, one)
        : Elements.ofLongs(dtype, Shape.SCALAR, new long[] {(long) value});
    return constant(hint, tensor);
  }

  /** Makes the integers of an attribute an input, as a vector; nothing where the attribute is not there. */
  void integersToInput(String attribute, int index) {
    Attribute a = node().attribute(attribute);
    if (a == null) {
      return;
    }
    Value value = switch (a.value()) {
      case Attribute.IntValues v -> vector(attribute, v.values().clone());
      case Attribute.IntValue v -> vector(attribute, v.value());
      case Attribute.Reference r -> reference(attribute, r);
      default -> throw impossible("attribute '" + attribute + "' is no list of integers");
    };
    node().removeAttribute(attribute);
    node().setInput(index, value);
  }

  private Value reference(String attribute, Attribute.Reference reference) {
    if (target < 12) {
      throw impossible("attribute '" + attribute + "' is a function's, which no constant can hold before opset 12");
    }
    return node().graph().node("Constant").attribute(
        new Attribute("value_ints", reference, node().attribute(attribute).extras()))
        .out(hint(attribute), null).before(node()).output();
  }

  /** A new node before this one, with one output. */
  Value op(String operator, List<Attribute> attributes, Value... inputs) {
    NodeBuilder builder = node().graph().node(operator).in(inputs).out(hint(operator), null);
    attributes.forEach(builder::attribute);
    return builder.before(node()).output();
  }

  /** A new node of another operator, with this node's name and attributes and one output, in place of this one. */
  Node become(String operator, Value... inputs) {
    NodeBuilder builder = node().graph().node(operator).name(node().name()).in(inputs)
        .out(hint(operator), types.type(node().output()));
    node().attributes().forEach(builder::attribute);
    Node other = builder.before(node());
    other.setExtras(node().extras());
    Rewiring.replace(node(), other.outputs());
    return other;
  }

  private String hint(String what) {
    return node().output().name() + "_" + what;
  }

  /** The error of a change that the new version cannot express. */
  InvalidInputException impossible(String why) {
    return invalid("cannot be lifted to opset " + target + ": " + why);
  }
}
