package dev.dwindle.pack;

/**
 * How far apart elements stand that belong together, in elements.
 *
 * @param near the size of a kernel: the elements of one filter and input channel; 1 where there is none
 * @param far the size of a row: the elements of one output channel; 0 where there are no rows
 */
record Neighbours(int near, int far) {
  static final Neighbours NONE = new Neighbours(1, 0);
}
