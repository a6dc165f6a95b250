package dev.dwindle.backend.cpu;

import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;

/** Constants of a model as heap arrays, each copied once for all plans and requests of an executable. */
final class Constants {
  // A constant that was computed for one plan (weights decoded for its shapes) goes when that plan does; tensors are equal by identity.
  private final Map<Tensor, Object> arrays = new WeakHashMap<>();
  private final Map<Tensor, Map<String, float[]>> packed = new WeakHashMap<>();

  /** The elements in the array of their type's {@link Store}; not to be changed. */
  synchronized Object array(Tensor tensor) {
    return arrays.computeIfAbsent(tensor, Constants::copy);
  }

  /**
   * A constant as a kernel lays it out, made once.
   *
   * @param layout names the layout; one name means one content for each tensor
   */
  synchronized float[] packed(Tensor tensor, String layout, Supplier<float[]> pack) {
    return packed.computeIfAbsent(tensor, k -> new HashMap<>()).computeIfAbsent(layout, k -> pack.get());
  }

  private static Object copy(Tensor tensor) {
    Store store = Store.of(tensor.dtype());
    Object array = store.allocate(store.length(tensor.dtype(), tensor.size()));
    MemorySegment.copy(tensor.segment(), 0, store.segment(array), 0, tensor.byteSize());
    return array;
  }
}
