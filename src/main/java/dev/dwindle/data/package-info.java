/** Data sets and preprocessing: samples streamed in a fixed order, with what is known of the right answers. */
package dev.dwindle.data;
