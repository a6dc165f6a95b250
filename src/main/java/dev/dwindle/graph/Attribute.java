package dev.dwindle.graph;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A named attribute of a node.
 *
 * @param extras fields beyond name and value; {@link Extras#NONE} for a new attribute
 */
public record Attribute(String name, Content value, Extras extras) {
  /** The value of an attribute, one record for each kind that ONNX knows. */
  public sealed interface Content {}

  public record FloatValue(float value) implements Content {}

  public record IntValue(long value) implements Content {}

  /** A byte string; text is UTF-8. */
  public record StringValue(byte[] bytes) implements Content {
    public String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  public record TensorValue(Constant constant) implements Content {}

  /** A subgraph; its nodes see the values of the graphs around it. */
  public record GraphValue(Graph graph) implements Content {}

  public record FloatValues(float[] values) implements Content {}

  public record IntValues(long[] values) implements Content {}

  public record StringValues(List<byte[]> values) implements Content {}

  public record GraphValues(List<Graph> graphs) implements Content {}

  /** Inside a function body: the value of the caller's attribute of this name. */
  public record Reference(String attribute) implements Content {}

  /** A kind that is only carried along (types, sparse tensors, lists of tensors), whole in the extras. */
  public record Foreign() implements Content {}

  public static Attribute of(String name, float value) {
    return new Attribute(name, new FloatValue(value), Extras.NONE);
  }

  public static Attribute of(String name, long value) {
    return new Attribute(name, new IntValue(value), Extras.NONE);
  }

  public static Attribute of(String name, String value) {
    return new Attribute(name, new StringValue(value.getBytes(StandardCharsets.UTF_8)), Extras.NONE);
  }

  public static Attribute of(String name, Constant value) {
    return new Attribute(name, new TensorValue(value), Extras.NONE);
  }

  public static Attribute of(String name, Graph value) {
    return new Attribute(name, new GraphValue(value), Extras.NONE);
  }

  public static Attribute of(String name, long[] values) {
    return new Attribute(name, new IntValues(values.clone()), Extras.NONE);
  }

  public static Attribute of(String name, float[] values) {
    return new Attribute(name, new FloatValues(values.clone()), Extras.NONE);
  }

  public static Attribute of(String name, List<String> values) {
    return new Attribute(name, new StringValues(values.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList()),
        Extras.NONE);
  }

  /** The subgraphs in this attribute; empty for most. */
  public List<Graph> graphs() {
    // Not a switch over patterns: the first of those that a JVM runs takes it 6 ms or more.
    if (value instanceof GraphValue one) {
      return List.of(one.graph());
    }
    return value instanceof GraphValues many ? many.graphs() : List.of();
  }
}
