package dev.dwindle.graph;

import dev.dwindle.tensor.Tensor;

/**
 * A tensor of a model, with the form in which its file stored it.
 *
 * @param tensor the numbers; a sparse tensor is given dense
 * @param form how it was stored, so that an unchanged constant is written as it was read; null for a new one
 */
public record Constant(Tensor tensor, StoredForm form) {
  /** A new constant, to be written as raw data. */
  public static Constant of(Tensor tensor) {
    return new Constant(tensor, null);
  }

  /**
   * How a file stored a tensor. What {@code extras} holds depends on the storage: for RAW and EXTERNAL the message
   * without its data, for VERBATIM (typed fields, sparse tensors) the whole message.
   */
  public record StoredForm(Storage storage, Extras extras) {}

  /** Where a file keeps the numbers of a tensor. */
  public enum Storage {
    RAW,
    EXTERNAL,
    VERBATIM,
    SPARSE
  }
}
