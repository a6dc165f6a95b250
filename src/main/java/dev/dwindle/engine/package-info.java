/** The library's front door: what a Java user calls. */
package dev.dwindle.engine;
