/** The pure-Java CPU backend: plans a graph for given shapes, then runs the plan without allocating. */
package dev.dwindle.backend.cpu;
