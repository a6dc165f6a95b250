/** Models entropy-coded for storage and transfer, without loss ({@code docs/format.md}). */
package dev.dwindle.pack;
