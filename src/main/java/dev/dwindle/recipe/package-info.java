/** Recipes: ordered passes with settings, read from YAML and checked before any work. */
package dev.dwindle.recipe;
