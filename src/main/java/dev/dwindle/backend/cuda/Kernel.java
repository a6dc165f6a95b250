package dev.dwindle.backend.cuda;

/**
 * A kernel of {@code native/cuda}.
 *
 * @param file without its ending
 */
record Kernel(String file, String name) {}
