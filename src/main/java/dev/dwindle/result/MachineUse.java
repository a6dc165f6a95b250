package dev.dwindle.result;

/**
 * Who used the machine's cores during a measurement, on average over its time; 1 is a whole core.
 *
 * @param own this process
 * @param others all other processes
 * @param stolen what the host of a virtual machine took
 */
public record MachineUse(double seconds, Reading own, Reading others, Reading stolen) {}
