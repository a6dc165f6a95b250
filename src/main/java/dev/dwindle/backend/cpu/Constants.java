package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.SharedPanels;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.function.Supplier;

/** Constants of a model as heap arrays, each copied once for all plans and requests of an executable. */
final class Constants {
  // A constant that was computed for one plan (weights decoded for its shapes) goes when that plan does; tensors are equal by identity.
  private final Map<Tensor, Object> arrays = new WeakHashMap<>();
  private final Map<Tensor, Map<String, Object>> packed = new WeakHashMap<>();

  /** The elements in the array of their type's {@link Store}; not to be changed. */
  synchronized Object array(Tensor tensor) {
    return arrays.computeIfAbsent(tensor, Constants::copy);
  }

  /**
   * A constant as a kernel lays it out, made once.
   *
   * @param layout names the layout; one name means one content for each tensor
   */
  @SuppressWarnings("unchecked")
  synchronized <T> T packed(Tensor tensor, String layout, Supplier<T> pack) {
    return (T) packed.computeIfAbsent(tensor, k -> new HashMap<>()).computeIfAbsent(layout, k -> pack.get());
  }

  /**
   * A right operand as places in a list of a few values, for a product that gains by it; null where there are more values.
   *
   * @param layout names how it is read
   */
  SharedPanels shared(Tensor tensor, String layout, Supplier<SharedPanels> panels) {
    return this.<Optional<SharedPanels>>packed(tensor, "shared " + layout, () -> Optional.ofNullable(panels.get()))
        .orElse(null);
  }

  /** The share of elements of a FLOAT constant that are zero. */
  double zeros(Tensor tensor) {
    return this.<Double>packed(tensor, "zeros", () -> {
      float[] values = tensor.floats();
      int zeros = 0;
      for (float value : values) if (value == 0) zeros++;
      return (double) zeros / values.length;
    });
  }

  private static Object copy(Tensor tensor) {
    Store store = Store.of(tensor.dtype());
    Object array = store.allocate(store.length(tensor.dtype(), tensor.size()));
    MemorySegment.copy(tensor.segment(), 0, store.segment(array), 0, tensor.byteSize());
    return array;
  }
}
