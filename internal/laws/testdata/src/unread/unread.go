// Package unread has files that are not built on this platform.
package unread // want `ignored.go is not built here` `assembly.s is not built here`
