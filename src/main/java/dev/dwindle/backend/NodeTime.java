package dev.dwindle.backend;

import java.util.List;

/**
 * The time that one step of a compiled graph took.
 *
 * @param nodes the nodes (by name, or by first output) that the step does; several where they were fused
 * @param kernel what ran, in the backend's own words
 */
public record NodeTime(List<String> nodes, String kernel, long nanos) {}
