//go:build !linux

package torture

import (
	"context"
	"errors"
	"time"

	"paxon/process"
)

// errNoNamespaces says that there are namespaces on Linux only.
var errNoNamespaces = errors.New("network namespaces need Linux: use proxies instead")

// Isolated is false here.
func Isolated() bool { return false }

// Isolate fails here.
func Isolate(context.Context) (status int, err error) { return 0, errNoNamespaces }

// Namespaces cannot be made here.
type Namespaces struct{}

// NewNamespaces fails here.
func NewNamespaces(context.Context, int) (*Namespaces, error) { return nil, errNoNamespaces }

// Host is of no use here.
func (n *Namespaces) Host(process.ID) string { return "" }

// Enter is of no use here.
func (n *Namespaces) Enter(process.ID) []string { return nil }

// Cut fails here.
func (n *Namespaces) Cut(_, _ process.ID, _ bool) (func() error, error) { return nil, errNoNamespaces }

// Delay fails here.
func (n *Namespaces) Delay(_, _ process.ID, _ time.Duration) (func() error, error) {
	return nil, errNoNamespaces
}

// Close does nothing here.
func (n *Namespaces) Close() {}
