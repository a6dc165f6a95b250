/** The search over recipes: which layers to leave alone so that the gates hold on the device. */
package dev.dwindle.search;
