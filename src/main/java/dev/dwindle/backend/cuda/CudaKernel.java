package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;

/** A way to run certain nodes; listed in {@link CudaKernels}. */
interface CudaKernel {
  /** Whether this runs the node as its operator means it, by all that is known of it: types may be null, and are then asked for again. */
  boolean matches(Node node);

  /** Whether this also runs the node with all that is FLOAT of it in FLOAT16 or in BFLOAT16. */
  default boolean takesNarrow(Node node) {
    return false;
  }

  /** Adds the launches that do the node, all types of whose values are static; one of its outputs has at least one element. */
  void plan(Node node, Planning planning);
}
