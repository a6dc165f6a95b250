package dev.dwindle.backend.cpu;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/** Where a value is found while a plan runs. */
sealed interface Place {
  /**
   * Elements of a planned buffer.
   *
   * @param buffer shared by all views of it
   * @param start first element within the buffer
   */
  record Planned(DType dtype, Shape shape, Buffer buffer, int start) implements Place {
    /** Elements of this place from {@code from} on, under another shape. */
    Planned as(Shape other, int from) {
      return new Planned(dtype, other, buffer, start + from);
    }
  }

  /** A constant of the model. */
  record Fixed(Tensor tensor) implements Place {}

  /** A tensor that is made while running, because its shape depends on data or its type has no store. */
  record Held(int index) implements Place {}
}
