package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A node as its operator sees it: version, presence of inputs and outputs, typed attributes. */
public class Call {
  private final Node node;

  public Call(Node node) {
    this.node = node;
  }

  public Node node() {
    return node;
  }

  /** The operator set version under which the node is read. */
  public int version() {
    return node.version();
  }

  public int inputCount() {
    return node.inputs().size();
  }

  public int outputCount() {
    return node.outputs().size();
  }

  /** Whether an optional input is given. */
  public boolean has(int input) {
    return node.input(input) != null;
  }

  /** Whether an optional output is asked for. */
  public boolean wants(int output) {
    return node.output(output) != null;
  }

  public boolean hasAttribute(String name) {
    return node.attribute(name) != null;
  }

  public long integer(String name, long otherwise) {
    Attribute a = node.attribute(name);
    if (a == null) {
      return otherwise;
    }
    return a.value() instanceof Attribute.IntValue v ? v.value() : fail(a, "an integer");
  }

  /** An attribute that must be there. */
  public long integer(String name) {
    return integer(require(name), 0);
  }

  /** An attribute that must be there and fit an int, such as a count. */
  public int int32(String name) {
    return fitted(name, integer(name));
  }

  /** An attribute that must fit an int. */
  public int int32(String name, long otherwise) {
    return fitted(name, integer(name, otherwise));
  }

  /** A number that must fit an int. */
  public int fitted(String what, long value) {
    if (value != (int) value) {
      throw invalid(what + " is " + value + ", expected a number of 32 bits");
    }
    return (int) value;
  }

  public boolean flag(String name, boolean otherwise) {
    return integer(name, otherwise ? 1 : 0) != 0;
  }

  public float real(String name, float otherwise) {
    Attribute a = node.attribute(name);
    if (a == null) {
      return otherwise;
    }
    return a.value() instanceof Attribute.FloatValue v ? v.value() : fail(a, "a float");
  }

  public String text(String name, String otherwise) {
    Attribute a = node.attribute(name);
    if (a == null) {
      return otherwise;
    }
    return a.value() instanceof Attribute.StringValue v ? v.text() : fail(a, "a string");
  }

  /** A list of integers, or {@code otherwise} (which may be null). */
  public long[] integers(String name, long... otherwise) {
    Attribute a = node.attribute(name);
    if (a == null) {
      return otherwise;
    }
    return a.value() instanceof Attribute.IntValues v ? v.values().clone() : fail(a, "integers");
  }

  /** A list of floats, or {@code otherwise} (which may be null). */
  public float[] reals(String name, float... otherwise) {
    Attribute a = node.attribute(name);
    if (a == null) {
      return otherwise;
    }
    return a.value() instanceof Attribute.FloatValues v ? v.values().clone() : fail(a, "floats");
  }

  /** A list of strings, or null. */
  public List<String> texts(String name) {
    Attribute a = node.attribute(name);
    if (a == null) {
      return null;
    }
    return a.value() instanceof Attribute.StringValues v
        ? v.values().stream().map(s -> new String(s, StandardCharsets.UTF_8)).toList() : fail(a, "strings");
  }

  /** A tensor attribute, or null. */
  public Tensor tensorAttribute(String name) {
    Attribute a = node.attribute(name);
    if (a == null) {
      return null;
    }
    return a.value() instanceof Attribute.TensorValue v ? v.constant().tensor() : fail(a, "a tensor");
  }

  /** A subgraph attribute that must be there. */
  public Graph graph(String name) {
    Attribute a = node.attribute(require(name));
    return a.value() instanceof Attribute.GraphValue v ? v.graph() : fail(a, "a graph");
  }

  /** An axis in {@code 0 .. rank-1} from one that may be negative. */
  public int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw invalid("axis is " + axis + ", expected " + -rank + " to " + (rank - 1));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** An error that begins with the node. */
  public InvalidInputException invalid(String what) {
    return new InvalidInputException(node.label() + ": " + what);
  }

  private String require(String name) {
    if (node.attribute(name) == null) {
      throw invalid("attribute '" + name + "' is missing");
    }
    return name;
  }

  private <T> T fail(Attribute a, String expected) {
    throw invalid(
        "attribute '" + a.name() + "' is a " + a.value().getClass().getSimpleName() + ", expected " + expected);
  }
}
