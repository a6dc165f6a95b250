package dev.dwindle.backend;

import dev.dwindle.graph.Node;
import dev.dwindle.tensor.InvalidInputException;

/** A device does not compile a graph for one of its nodes, though it takes nodes of that kind: what remains to try is the graph without it. */
public final class NodeRefusedException extends InvalidInputException {
  private static final long serialVersionUID = 1L;

  private final String value;
  private final String reason;

  /**
   * @param device by its name
   * @param reason what the device says
   */
  public NodeRefusedException(String device, Node node, String reason, Throwable cause) {
    super(device + ": " + node.label() + " was refused: " + reason, cause);
    this.value = name(node);
    this.reason = reason;
  }

  /** By what name a node is known in any copy or part of its graph: that of its first output. */
  public static String name(Node node) {
    return node.output(0) == null ? "" : node.output(0).name();
  }

  /** The {@linkplain #name name} of the node. */
  public String value() { return value; }

  /** What the device says. */
  public String reason() { return reason; }
}
