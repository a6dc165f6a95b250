/** The door to compression: a pass changes a graph and says what it did; a pipeline runs passes in order. */
package dev.dwindle.pass;
