package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;

/** A fast way to run certain nodes; listed in {@link CpuKernels}. Types of the node's values are static. */
interface CpuKernel {
  /** As the profile shows it. */
  String name();

  /** As the profile shows it for a node that this kernel runs. */
  default String name(Node node, Planning planning) {
    return name();
  }

  /** Whether this kernel runs the node exactly as its operator means it. */
  boolean matches(Node node);

  /** Prepares the node: packs constants, asks for scratch. */
  PlannedStep.Binding plan(Node node, Planning planning);
}
