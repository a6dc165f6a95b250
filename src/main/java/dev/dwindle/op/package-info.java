/** Operators: attributes, shape inference, plain-loop meaning, decomposition. {@link dev.dwindle.op.Ops} lists them. */
package dev.dwindle.op;
