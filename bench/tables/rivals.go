package tables

import (
	"context"
	"os"
	"path/filepath"
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
