package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Step;
import java.util.List;

/**
 * One step of a plan, not yet tied to memory.
 *
 * @param nodes what it does, by node name or first output
 * @param kernel what runs, as the profile shows it
 */
record PlannedStep(List<String> nodes, String kernel, Binding binding) {
  /** Ties a step to the memory of one request. */
  @FunctionalInterface
  interface Binding {
    Step bind(Memory memory);
  }
}
