package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.Step;
import dev.dwindle.graph.Value;

/**
 * The bias of a product: constant, so that one prepared product serves all requests, or computed, as in training; then each request has a product of
 * its own, which reads the bias anew in each run.
 */
record LiveBias(float[] constant, int length, Place place) {
  /** Prepares a product. */
  @FunctionalInterface
  interface Making<T> {
    /** @param bias null for none */
    T with(float[] bias);
  }

  /** Ties a product to memory. */
  @FunctionalInterface
  interface Tying<T> {
    Step on(T product, Memory memory);
  }

  /** @param bias FLOAT, of static shape; null for none */
  static LiveBias of(Value bias, Planning planning) {
    if (bias == null) return new LiveBias(null, 0, null);
    return bias.isConstant() ? new LiveBias(bias.tensor().floats(), 0, null)
        : new LiveBias(null, Fused.size(bias), planning.place(bias));
  }

  <T> PlannedStep.Binding binding(Making<T> making, Tying<T> tying) {
    if (place == null) {
      T product = making.with(constant);
      return memory -> tying.on(product, memory);
    }
    return memory -> {
      Slice from = memory.slice(place);
      float[] bias = new float[length];
      Step step = tying.on(making.with(bias), memory);
      return workers -> {
        System.arraycopy(from.array(), from.offset(), bias, 0, length);
        step.run(workers);
      };
    };
  }
}
