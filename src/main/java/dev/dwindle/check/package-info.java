/** Gates: what the user asked for, held against what was measured. */
package dev.dwindle.check;
