/**
 * The loops that the CPU backend spends its time in: products, convolutions, integer arithmetic and elementwise
 * functions over slices of heap arrays. Needs nothing but the JDK. A kernel is prepared once for a shape, bound once to
 * its memory, then run again and again without allocating; its sums have the same order on any number of threads.
 */
package dev.dwindle.backend.cpu.kernel;
