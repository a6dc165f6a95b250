package dev.dwindle.graph;

/** One place that reads a value: an input of a node, perhaps inside a subgraph. */
public record Use(Node node, int index) {}
