package dev.dwindle.backend.cuda;

import java.util.List;

/**
 * One launch of a plan, not yet tied to memory.
 *
 * @param nodes what it does, by node name or first output
 */
record Step(List<String> nodes, Kernel kernel, Grid grid, List<Arguments.Argument> arguments) {}
