/** Changes of graphs that keep their meaning: inference, folding, simplification, decomposition, opset lift. */
package dev.dwindle.rewrite;
