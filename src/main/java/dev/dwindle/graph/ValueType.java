package dev.dwindle.graph;

/** What is known about the type of a value. */
public sealed interface ValueType
    permits TensorType, ValueType.SequenceType, ValueType.OptionalType, ValueType.ForeignType {
  /** A list of values of one type; the element type may be null (unknown). */
  record SequenceType(ValueType element) implements ValueType {}

  /** A value that may be absent; the element type may be null (unknown). */
  record OptionalType(ValueType element) implements ValueType {}

  /** A type that is only carried along (maps, opaque types). */
  record ForeignType() implements ValueType {}
}
