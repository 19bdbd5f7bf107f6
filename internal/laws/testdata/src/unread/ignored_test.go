//go:build never

package unread

var _ = 0
