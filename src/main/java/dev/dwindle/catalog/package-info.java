/** The two lists that name implementations: passes and backends. */
package dev.dwindle.catalog;
