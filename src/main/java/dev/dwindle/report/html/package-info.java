/** The report as one HTML page: elements, charts and columns, each of one idea; style and script are resources. */
package dev.dwindle.report.html;
