package dev.dwindle.backend.cpu.kernel;

/**
 * A run of 32-bit integers inside a heap array.
 *
 * @param array the memory
 * @param offset index of the first element
 */
public record IntSlice(int[] array, int offset) {}
