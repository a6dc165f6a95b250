package dev.dwindle.backend.cuda;

import dev.dwindle.backend.Extent;
import dev.dwindle.tensor.Tensor;

/** Where the bytes of a value lie on the device. */
sealed interface Place {
  /** Bytes of a request's memory; values that are views of each other share them. */
  record Planned(Extent extent, long bytes) implements Place {}

  /** A constant, which all requests share. */
  record Fixed(Tensor tensor) implements Place {}
}
