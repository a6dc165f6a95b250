/** Training: graphs that compute gradients, run by any backend that runs graphs. */
package dev.dwindle.train;
