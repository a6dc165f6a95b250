package dev.dwindle.op;

/** One step of a recurrent operator in one direction. */
interface RecurrentCell {
  /**
   * Replaces the state by that of the next step.
   *
   * @param gates the input's share of every gate: {@code W x}, with the biases that belong to it
   * @param h the hidden state
   * @param c the cell state of an LSTM, else empty
   */
  void step(double[] gates, double[] h, double[] c);
}
