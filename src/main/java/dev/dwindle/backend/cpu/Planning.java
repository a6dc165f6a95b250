package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Extent;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A plan in the making, as a kernel sees it: where values lie, and scratch for the step that is being planned. */
final class Planning {
  private final Map<Value, Place> places = new HashMap<>();
  private final Map<Node, Movement> movements = new HashMap<>();
  private final List<Buffer> buffers = new ArrayList<>();
  private final Constants constants;
  private int step;
  private int held;

  Planning(Constants constants) {
    this.constants = constants;
  }

  /** The constants that all plans of the executable share. */
  Constants constants() {
    return constants;
  }

  /** Where a value lies; a value that no step has made yet gets its place here. */
  Place place(Value value) {
    Place place = value.isConstant() && !places.containsKey(value) ? new Place.Fixed(value.tensor())
        : places.computeIfAbsent(value, this::allot);
    touch(place);
    return place;
  }

  /** The place of a value that is known to lie in a buffer. */
  Place.Planned planned(Value value) {
    return (Place.Planned) place(value);
  }

  /** How a moving node moves; found once. */
  Movement movement(Node node) {
    return movements.computeIfAbsent(node, Movement::of);
  }

  /** Array elements that only the current step uses; null for none. */
  Buffer scratch(Store store, int length) {
    if (length == 0) {
      return null;
    }
    Buffer buffer = new Buffer(store, length);
    buffer.use(step);
    buffers.add(buffer);
    return buffer;
  }

  /** Lets a value lie where another does. */
  void alias(Value value, Place place) {
    places.put(value, place);
  }

  /** A new place for a value of this type. */
  Place allot(Value value) {
    TensorType type = value.tensorType();
    Store store = type == null || type.dtype() == null || !type.isStatic() ? null : Store.of(type.dtype());
    if (store == null || type.dtype().bytes(type.shape().size()) > Integer.MAX_VALUE - 64) {
      return new Place.Held(held++);
    }
    Buffer buffer = new Buffer(store, store.length(type.dtype(), type.shape().size()));
    buffers.add(buffer);
    return new Place.Planned(type.dtype(), type.shape(), buffer, 0);
  }

  /** Notes that the current step uses a place. */
  void touch(Place place) {
    if (place instanceof Place.Planned planned) {
      planned.buffer().use(step);
    }
  }

  /** Keeps a place for the whole run and after it. */
  void keep(Place place) {
    if (place instanceof Place.Planned planned) {
      planned.buffer().use(Extent.END);
    }
  }

  int step() {
    return step;
  }

  void nextStep() {
    step++;
  }

  List<Buffer> buffers() {
    return buffers;
  }

  int held() {
    return held;
  }
}
