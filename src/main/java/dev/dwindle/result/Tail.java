package dev.dwindle.result;

/**
 * A percentile of latency, in milliseconds, and what the number of runs lets one claim.
 *
 * @param percent such as 99
 * @param latency the percentile with its 95 % interval, or null where too few runs were made to claim any bound
 * @param atMost the least bound that can be claimed with 99 % confidence (MLPerf's early stopping), or null
 * @param slower how many of the runs were slower than that bound
 * @param runs how many were made
 * @param needed how many it takes at least
 */
public record Tail(double percent, Estimate latency, Double atMost, long slower, long runs, long needed) {}
