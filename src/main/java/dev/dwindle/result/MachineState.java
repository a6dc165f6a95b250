package dev.dwindle.result;

/**
 * The machine at one moment.
 *
 * @param load processes that computed or waited to, on average over the last minute
 * @param frequency of the cores, on average, in MHz
 * @param temperature of the hottest sensor, in degrees Celsius
 * @param throttles how often cores were slowed down for their heat since the system began
 */
public record MachineState(Reading load, Reading frequency, Reading temperature, Reading throttles) {}
