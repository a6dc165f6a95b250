/** The door to hardware: a backend runs graphs and says which operators it can run. */
package dev.dwindle.backend;
