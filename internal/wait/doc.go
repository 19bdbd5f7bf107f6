// Package wait waits for a time that a context may cut short.
package wait
