//go:build never

package unread

var _ = func() { go func() {}() }
