package node_test

import (
	"context"
	"fmt"
	"os"

	"github.com/sirupsen/logrus"

	"paxon/node"
	"paxon/process"
	"paxon/tob"
)

// A cluster of one process, which is its own majority.
func Example() {
	dir, err := os.MkdirTemp("", "paxon")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	quiet := logrus.New()
	quiet.SetLevel(logrus.ErrorLevel)
	n, err := node.Open(node.Config{
		Cluster: "example", Process: 1, Variant: "paxos", Dir: dir, Logger: quiet,
		Peers: map[process.ID]string{1: "127.0.0.1:0"},
	})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	for _, payload := range []string{"a", "b"} {
		if _, err := n.Broadcast(ctx, []byte(payload)); err != nil {
			panic(err)
		}
	}
	for d, err := range n.Deliveries(ctx, tob.Position{}) {
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s\n", d.Payload)
		if string(d.Payload) == "b" {
			break
		}
	}
	if err := n.Close(); err != nil {
		panic(err)
	}
	// Output:
	// a
	// b
}
