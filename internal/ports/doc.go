// Package ports finds ports of the loopback interface for processes that must know each other's
// addresses before they run.
package ports
