package dev.dwindle.result;

import java.util.List;

/**
 * The energy that the processor took for what was timed as one, in joules, what it takes idling included.
 *
 * @param joules of each model, each with its interval; empty where it is not available
 * @param missing why it is not available, or empty
 */
public record Energy(List<Estimate> joules, String missing) {}
