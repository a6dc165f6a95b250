package dev.dwindle.backend.cuda;

import dev.dwindle.graph.TensorType;
import java.util.List;
import java.util.Map;

/**
 * A graph planned for known input shapes. Immutable, shared by requests.
 *
 * @param inputs by name
 * @param outputs by name, in the graph's order
 * @param bytes of a request's memory
 */
record Plan(List<Step> steps, Map<String, Slot> inputs, Map<String, Slot> outputs, long bytes) {
  /** Where an input or an output lies, and what it holds. */
  record Slot(TensorType type, Place place) {}
}
