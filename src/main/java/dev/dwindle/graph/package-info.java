/** The graph of a model: nodes, values and their use-def edges, safe edits, verification, text form. */
package dev.dwindle.graph;
