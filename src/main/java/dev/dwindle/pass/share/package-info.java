/** Weight sharing: weights as places in a codebook. */
package dev.dwindle.pass.share;
