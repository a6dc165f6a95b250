/** Training that gives back what compression lost. */
package dev.dwindle.pass.finetune;
