/** Knowledge distillation: a smaller network learns from the one that it takes the place of. */
package dev.dwindle.pass.distil;
