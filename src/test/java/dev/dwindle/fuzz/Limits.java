package dev.dwindle.fuzz;

/**
 * What a file may take from the heap.
 *
 * @param factor bytes for each byte of the file
 * @param reading bytes beyond that for reading and inspecting
 * @param all bytes beyond that for all steps
 */
record Limits(long factor, long reading, long all) {
  /** What is wrong, or null. */
  String flaw(long file, long read, long whole) {
    if (read > factor * file + reading) {
      return "allocation: reading took " + read + " bytes for a file of " + file;
    }
    return whole > factor * file + all ? "allocation: all steps took " + whole + " bytes for a file of " + file : null;
  }
}
