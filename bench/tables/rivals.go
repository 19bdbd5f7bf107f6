package tables

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// rivals are the stores of the table, which all compare with the first.
func (r *runner) rivals() ([]*rival, error) {
	benchmark, err := find("redis-benchmark")
	if err != nil {
		return nil, err
	}
	if _, err := find("redis-server"); err != nil {
		return nil, err
	}
	all := []*rival{
		{name: "Paxon", open: func(ctx context.Context, dir string) (Store, error) {
			return openPaxon(ctx, r.Paxon, benchmark, dir)
		}},
		{name: "redis, one server", single: true, open: func(ctx context.Context, dir string) (Store, error) {
			return openRedis(ctx, benchmark, dir)
		}},
	}
	if r.etcd != nil {
		all = append(all, &rival{name: "etcd", open: func(_ context.Context, dir string) (Store, error) {
			_, err := r.etcd.ask(order{Do: doOpen, Dir: dir})
			return remoteStore{r.etcd}, err
		}})
	}
	return all, nil
}

// openPaxon starts three processes that keep values by key, each of the operating system's.
func openPaxon(ctx context.Context, program, benchmark, dir string) (Store, error) {
	port, addresses, err := consecutive(Regions)
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, program, "kv", "--processes", strconv.Itoa(Regions), "--dir",
		filepath.Join(dir, "kv"), "--port", strconv.Itoa(port))
	return startStore(ctx, c, benchmark, addresses)
}

// consecutive finds free ports that follow each other.
func consecutive(count int) (port int, addresses []string, err error) {
	const tries = 100
	for range tries {
		first, err := Addresses(1)
		if err != nil {
			return 0, nil, err
		}
		_, text, err := net.SplitHostPort(first[0])
		if err != nil {
			return 0, nil, err
		}
		if port, err = strconv.Atoi(text); err != nil {
			return 0, nil, err
		}
		addresses = nil
		for i := range count {
			address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port+i))
			l, err := net.Listen("tcp", address)
			if err != nil {
				break
			}
			_ = l.Close() // It was to see whether the port is free.
			addresses = append(addresses, address)
		}
		if len(addresses) == count {
			return port, addresses, nil
		}
	}
	return 0, nil, fmt.Errorf("no %d free ports that follow each other in %d tries", count, tries)
}

// begin opens a store and fills it.
func (r *runner) begin(ctx context.Context, v *rival, dir string) error {
	r.progress("kv: filling " + v.name)
	v.speeds = map[point][]Speed{}
	dir = filepath.Join(dir, v.name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	s, err := v.open(ctx, dir)
	if err != nil {
		return err
	}
	v.store = s
	return s.Fill(ctx, r.Keys, r.Size)
}

// remoteStore is the one that a program has open.
type remoteStore struct{ program *Program }

// Fill is of Store.
func (s remoteStore) Fill(_ context.Context, keys, size int) error {
	_, err := s.program.ask(order{Do: doFill, Keys: keys, Size: size})
	return err
}

// Load is of Store.
func (s remoteStore) Load(_ context.Context, l Load) (Speed, error) {
	a, err := s.program.ask(order{Do: doLoad, Load: &l})
	return a.Speed, err
}

// Close is of Store.
func (s remoteStore) Close() error {
	_, err := s.program.ask(order{Do: doClose})
	return err
}
