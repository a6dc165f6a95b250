package dev.dwindle.result;

/**
 * The highest rate of arrivals at which a server kept its bound.
 *
 * @param rate requests a second, measured once more with fresh arrivals after the search; 0 where none held
 * @param failed the lowest rate above it that did not hold, or that would keep all servers busy without a pause
 * @param capacity requests a second without a pause between them
 * @param boundMillis the bound on latency
 * @param percent of requests that must keep it
 * @param requests of the last measurement
 * @param slower how many of them were slower than the bound
 * @param trials of the search and after it
 * @param remark why there is no rate, or empty
 */
public record ServerRate(double rate, double failed, double capacity, double boundMillis, double percent, long requests,
    long slower, int trials, String remark) {}
