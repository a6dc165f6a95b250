/** Number formats and their codecs: what a stored element means, and the nearest element to a number. */
package dev.dwindle.quant;
