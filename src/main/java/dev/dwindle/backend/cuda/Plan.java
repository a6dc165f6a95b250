package dev.dwindle.backend.cuda;

import dev.dwindle.graph.TensorType;
import java.util.List;
import java.util.Map;

/**
 * A graph planned for known input shapes. Immutable, shared by requests.
 *
 * @param inputs by name
 * @param outputs by name, in the graph's order
 * @param trouble where kernels tell what they find wrong with their input: the step, counted from 1, and what was found; null where none looks
 * @param bytes of a request's memory
 */
record Plan(List<Step> steps, Map<String, Slot> inputs, Map<String, Slot> outputs, Place.Planned trouble, long bytes) {
  /** Of two INT64. */
  static final int TROUBLE_BYTES = 16;

  /** Where an input or an output lies, and what it holds. */
  record Slot(TensorType type, Place place) {}
}
