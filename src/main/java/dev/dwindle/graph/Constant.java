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

  /** A new constant of a type of 8 bits or more, to be written as a sparse tensor. */
  public static Constant sparse(Tensor tensor) {
    return new Constant(tensor, new StoredForm(Storage.SPARSE, null));
  }

  /**
   * Bytes that a sparse tensor may have when it is dense, by those of its values alone: a hostile file asks for more than a model has, and what is written must be read again.
   */
  public static long mostDenseBytes(long valueBytes) {
    return Math.min((16L << 20) + 1000 * valueBytes, Integer.MAX_VALUE - 16);
  }

  /**
   * How a file stored a tensor. What {@code extras} holds depends on the storage: for RAW and EXTERNAL the message
   * without its data, for VERBATIM (typed fields) and SPARSE
   * the whole message, or null for a sparse tensor that no file has stored yet.
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
