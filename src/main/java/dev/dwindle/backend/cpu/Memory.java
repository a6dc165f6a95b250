package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/** The arrays in which one plan runs, for one request at a time. */
final class Memory {
  private final Map<Store, Object> arrays = new EnumMap<>(Store.class);
  private final Map<Store, MemorySegment> segments = new EnumMap<>(Store.class);
  private final Tensor[] held;
  private final Constants constants;

  Memory(Map<Store, Integer> lengths, int held, Constants constants) {
    this.constants = constants;
    lengths.forEach((store, length) -> {
      Object array = store.allocate(length);
      arrays.put(store, array);
      segments.put(store, store.segment(array));
    });
    this.held = new Tensor[held];
  }

  float[] floats() {
    return (float[]) arrays.get(Store.FLOATS);
  }

  /** The floats of a planned or constant place; null for null. */
  Slice slice(Place place) {
    return place == null ? null : new Slice((float[]) array(place), offset(place));
  }

  /** Floats that only one step uses; null for null. */
  Slice slice(Buffer scratch) {
    return scratch == null ? null : new Slice(floats(), scratch.offset());
  }

  /** The heap array in which a planned or constant place lies. */
  Object array(Place place) {
    return switch (place) {
      case Place.Planned planned -> arrays.get(planned.buffer().store());
      case Place.Fixed fixed -> constants.array(fixed.tensor());
      case Place.Held h -> throw new IllegalStateException("a held tensor lies in no array");
    };
  }

  /** First element of a planned or constant place in its array. */
  static int offset(Place place) {
    return place instanceof Place.Planned planned ? planned.buffer().offset() + planned.start() : 0;
  }

  /** The bytes of a planned place, writable. */
  MemorySegment segment(Place.Planned place) {
    int width = place.buffer().store().width();
    return segments.get(place.buffer().store()).asSlice((long) width * offset(place),
        place.dtype().bytes(place.shape().size()));
  }

  /** A tensor over a planned place: a view that changes with every run. */
  Tensor view(Place.Planned place) {
    return Tensor.wrap(place.dtype(), place.shape(), segment(place));
  }

  /** The tensor that a place holds now. */
  Tensor tensor(Place place) {
    return switch (place) {
      case Place.Planned planned -> view(planned);
      case Place.Fixed fixed -> fixed.tensor();
      case Place.Held h -> held[h.index()];
    };
  }

  void hold(Place.Held place, Tensor tensor) {
    held[place.index()] = tensor;
  }

  /** A tensor that no later run changes: a copy where it lies in these arrays. */
  Tensor settled(Tensor tensor) {
    if (tensor == null || tensor.dtype() == DType.STRING || !isInside(tensor)) {
      return tensor;
    }
    return copy(tensor);
  }

  /** A copy of a tensor on the heap. */
  static Tensor copy(Tensor tensor) {
    if (tensor.dtype() == DType.STRING) {
      return tensor;
    }
    byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
    MemorySegment.copy(tensor.segment(), 0, MemorySegment.ofArray(bytes), 0, bytes.length);
    return Tensor.of(tensor.dtype(), tensor.shape(), bytes);
  }

  private boolean isInside(Tensor tensor) {
    MemorySegment segment = tensor.segment();
    return segments.values().stream().anyMatch(own -> own.asOverlappingSlice(segment).isPresent());
  }
}
