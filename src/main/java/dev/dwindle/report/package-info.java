/** Reports made of result records: text for the terminal, JSON for programs. */
package dev.dwindle.report;
