package dev.dwindle.rewrite;

import java.util.function.Consumer;

/**
 * What nodes of one operator need when a graph is raised to the operator set version in which the operator changed.
 *
 * @param version the operator set version that brings the change
 * @param change rewrites one node from the version before
 */
record LiftRule(int version, String operator, Consumer<LiftCall> change) {}
