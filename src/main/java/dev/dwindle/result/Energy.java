package dev.dwindle.result;

import java.util.List;

/**
 * The energy that was taken for what was timed as one, in joules, what idling takes included.
 *
 * @param joules of each model, each with its interval; empty where it is not available
 * @param missing why it is not available, or empty
 * @param of whose energy it is, or empty
 */
public record Energy(List<Estimate> joules, String missing, String of) {}
