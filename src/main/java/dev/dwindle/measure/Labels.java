package dev.dwindle.measure;

import dev.dwindle.tensor.InvalidInputException;

/** Checks of labels against outputs. */
final class Labels {
  private Labels() {}

  /** A class index must be one of the output's. */
  static void check(long label, int classes) {
    if (label < 0 || label >= classes) {
      throw new InvalidInputException(
          "accuracy: found label " + label + ", expected 0 to " + (classes - 1) + ", as the output has " + classes
              + " numbers");
    }
  }
}
