package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * What an operator means: the types of its outputs, and their numbers by a plain loop written from the ONNX
 * specification. Stateless. One object covers every version from {@link #since} until the next object of the same name;
 * it asks the call for the version where versions differ.
 */
public interface Operator {
  /** The domain of operators that ONNX has not. */
  String OWN_DOMAIN = "dev.dwindle";

  /** The domain; empty for ONNX's own. */
  default String domain() {
    return "";
  }

  /** The name in the specification, such as {@code Conv}. */
  String name();

  /** The first operator set version that this object covers. */
  default int since() {
    return 1;
  }

  /**
   * The types of the outputs, in order, as far as they follow from types, attributes and known inputs.
   *
   * @throws dev.dwindle.tensor.InvalidInputException where inputs or attributes break the specification
   */
  List<ValueType> infer(Inference call);

  /** The plain-loop meaning: the outputs, in order (only the first {@link Call#outputCount()} are read). */
  List<Tensor> evaluate(Evaluation call);

  /**
   * For operators that compute with shapes: the content of the first output (an integer scalar or vector) in terms of
   * symbolic dimensions, or null where it does not follow.
   */
  default List<Dim> content(Inference call) {
    return null;
  }

  /**
   * For composites: adds simpler operators that mean the same, and returns their results in the order of the outputs;
   * null where this operator is of the core or this call has no decomposition.
   */
  default List<Value> decompose(Expansion call) {
    return null;
  }

  /** Whether two evaluations with the same inputs may differ (random operators); such a node is never folded. */
  default boolean isRandom() {
    return false;
  }
}
