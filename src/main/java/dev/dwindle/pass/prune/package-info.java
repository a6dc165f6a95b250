/** Pruning: weights that matter least become zero. */
package dev.dwindle.pass.prune;
