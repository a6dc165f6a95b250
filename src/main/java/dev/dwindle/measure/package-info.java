/** Accuracy, latency and memory, measured on the device; and the statistics that turn runs into claims. */
package dev.dwindle.measure;
