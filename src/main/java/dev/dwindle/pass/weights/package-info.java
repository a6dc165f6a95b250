/** Weight-only compression: any number format for the weights of any layer. */
package dev.dwindle.pass.weights;
