/** The end of a recipe: the model's file is packed, too. */
package dev.dwindle.pass.pack;
