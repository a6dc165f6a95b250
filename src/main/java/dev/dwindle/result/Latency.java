package dev.dwindle.result;

import java.util.List;

/**
 * Latency of two models, run in turn on the same device.
 *
 * @param shapes the input shapes in words, such as {@code input [1,3,32,32]}
 * @param threads worker threads
 * @param speedup original over compressed, paired by round
 * @param warnings such as drift of the machine during the measurement
 */
public record Latency(
    String device, String precision, String shapes, int threads, Timing original, Timing compressed, Estimate speedup,
    List<String> warnings) {}
