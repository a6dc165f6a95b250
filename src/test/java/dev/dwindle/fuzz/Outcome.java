package dev.dwindle.fuzz;

/**
 * What became of a damaged file.
 *
 * @param end at which step it was refused, or "written"
 * @param read bytes that reading and inspecting it took from the heap, in all
 * @param all the same of all steps together
 * @param nanos of processor time
 * @param flaw what must not happen, else null
 */
record Outcome(String end, long read, long all, long nanos, String flaw) {}
