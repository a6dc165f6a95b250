/** Plain records of what happened: what passes did, what was measured, what the gates said. */
package dev.dwindle.result;
