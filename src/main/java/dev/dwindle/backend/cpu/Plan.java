package dev.dwindle.backend.cpu;

import java.util.List;
import java.util.Map;

/**
 * A graph planned for known input shapes: the steps in order, and where inputs and outputs lie. Immutable, shared by
 * requests.
 *
 * @param inputs by name
 * @param outputs by name, in the graph's order
 * @param lengths elements of each store's array
 * @param held number of tensors that are made while running
 */
record Plan(List<PlannedStep> steps, Map<String, Place> inputs, Map<String, Place> outputs, Map<Store, Integer> lengths,
    int held) {
  /** Bytes of all arrays. */
  long bytes() {
    return lengths.entrySet().stream().mapToLong(store -> (long) store.getKey().width() * store.getValue()).sum();
  }
}
