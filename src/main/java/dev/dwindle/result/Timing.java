package dev.dwindle.result;

import java.util.List;

/**
 * Latency of one model over many runs, in milliseconds.
 *
 * @param runs how many were counted
 * @param warmup how many were made before and not counted
 * @param median with its interval
 * @param p90 90th percentile, or null where fewer than 44 runs were made
 * @param p99 99th percentile, or null where fewer than 459 runs were made
 * @param variation coefficient of variation: standard deviation over mean
 * @param quantiles from the fastest to the slowest run in steps of one percent: 101 numbers
 */
public record Timing(int runs, int warmup, Estimate median, Double p90, Double p99, double min, double variation,
    List<Double> quantiles) {}
