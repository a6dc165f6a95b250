package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.tensor.InvalidInputException;

/** The operators that the CPU runs: all that Dwindle knows. */
final class Operators {
  private Operators() {}

  /** The operator of a node; an error names it where it is not known. */
  static Operator of(Node node) {
    Operator operator = Ops.find(node);
    if (operator == null) {
      throw new InvalidInputException(
          node.label() + ": version " + node.version() + " of this operator is not known to device 'cpu'");
    }
    return operator;
  }
}
