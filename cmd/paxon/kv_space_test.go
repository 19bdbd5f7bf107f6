package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var spaceKeys = flag.Int("kv-keys", 3000, "how many keys TestKVSpace fills and deletes")

// The clients of TestKVSpace.
const (
	spaceFillers  = 8
	spaceTogether = 500 // Commands in one pipeline, and keys of one MGET.
	spaceCounters = 100 // Keys of each client that counts.
)

func spaceKey(i int) string { return fmt.Sprintf("key:%09d", i) }

func spaceValue(i int) string { return fmt.Sprintf("%0100d", i) }

// space is one run of TestKVSpace.
type space struct {
	*kvProcesses
	keys  int
	begun time.Time
}

func (s *space) client(id int) *redis.Client {
	client := newRedisClient(s.redis[id-1])
	s.t.Cleanup(func() { _ = client.Close() }) // Nothing is left to be done with it.
	return client
}

// say prints a line with the time since the beginning.
func (s *space) say(format string, args ...any) {
	s.t.Helper()
	s.t.Logf("%7.1f s  %s", time.Since(s.begun).Seconds(), fmt.Sprintf(format, args...))
}

// each has all keys put into pipelines, by several clients at processes.
func (s *space) each(what string, do func(pipe redis.Pipeliner, i int), processes ...int) {
	s.t.Helper()
	begun := time.Now()
	var group sync.WaitGroup
	for f := range spaceFillers {
		group.Go(func() {
			conn := s.client(processes[f%len(processes)]).Conn()
			defer conn.Close()
			if !assert.NoError(s.t, conn.Do(s.t.Context(), "PAXON.ORDER", "KEY").Err()) {
				return
			}
			for from := f * spaceTogether; from < s.keys; from += spaceFillers * spaceTogether {
				_, err := conn.Pipelined(s.t.Context(), func(pipe redis.Pipeliner) error {
					for i := from; i < min(from+spaceTogether, s.keys); i++ {
						do(pipe, i)
					}
					return nil
				})
				if !assert.NoError(s.t, err) {
					return
				}
			}
		})
	}
	group.Wait()
	took := time.Since(begun)
	s.say("%s %d keys at %v: %.1f s, %.0f a second", what, s.keys, processes, took.Seconds(),
		float64(s.keys)/took.Seconds())
	require.False(s.t, s.t.Failed())
}

// holds checks every key at a process: that it has its value, or that there is none.
func (s *space) holds(id int, exist bool) {
	s.t.Helper()
	begun := time.Now()
	client := s.client(id)
	for from := 0; from < s.keys; from += spaceTogether {
		var names []string
		for i := from; i < min(from+spaceTogether, s.keys); i++ {
			names = append(names, spaceKey(i))
		}
		values, err := client.MGet(s.t.Context(), names...).Result()
		require.NoError(s.t, err)
		for i, v := range values {
			if exist {
				require.Equal(s.t, spaceValue(from+i), v)
			} else {
				require.Nil(s.t, v, "%s at process %d is back from the dead", names[i], id)
			}
		}
	}
	s.say("read all keys at process %d, there: %t: %.1f s", id, exist, time.Since(begun).Seconds())
}

// scan goes through all keys by SCAN, at processes in turn, and counts those that were filled.
func (s *space) scan(ctx context.Context, clients []*redis.Client) (found, calls int, err error) {
	seen := make([]bool, s.keys)
	for cursor := uint64(0); ; {
		part, next, err := clients[calls%len(clients)].Scan(ctx, cursor, "key:*", 1000).Result()
		if err != nil {
			return found, calls, err
		}
		calls++
		for _, key := range part {
			i, err := strconv.Atoi(strings.TrimPrefix(key, "key:"))
			if err != nil {
				return found, calls, err
			}
			if !seen[i] {
				seen[i] = true
				found++
			}
		}
		if cursor = next; cursor == 0 {
			return found, calls, nil
		}
	}
}

// scanned checks how many keys a SCAN at processes in turn finds.
func (s *space) scanned(want int, processes ...int) {
	s.t.Helper()
	begun := time.Now()
	var clients []*redis.Client
	for _, id := range processes {
		clients = append(clients, s.client(id))
	}
	found, calls, err := s.scan(s.t.Context(), clients)
	require.NoError(s.t, err)
	require.Equal(s.t, want, found, "found by SCAN at %v", processes)
	s.say("SCAN at %v in turn found %d keys: %.1f s, %d calls", processes, found,
		time.Since(begun).Seconds(), calls)
}

// scanning goes through all keys again and again until its end is called, while processes come and go: every
// iteration that ends must find all.
func (s *space) scanning(processes ...int) (end func()) {
	ctx, stop := context.WithCancel(s.t.Context())
	var clients []*redis.Client
	for _, id := range processes {
		clients = append(clients, s.client(id))
	}
	var ended sync.WaitGroup
	whole := 0
	ended.Go(func() {
		for ctx.Err() == nil {
			switch found, _, err := s.scan(ctx, clients); {
			case err == nil:
				assert.Equal(s.t, s.keys, found, "found by SCAN while members change")
				whole++
			case ctx.Err() == nil:
				assert.NoError(s.t, err)
			}
		}
	})
	return func() {
		stop()
		ended.Wait()
		s.say("meanwhile %d whole SCANs at %v in turn found all keys", whole, processes)
	}
}

// counting is clients that count, each at keys of its own.
type counting struct {
	stop  context.CancelFunc
	ended sync.WaitGroup
	acked atomic.Int64
	open  atomic.Int64 // Of which nobody knows whether they were done.
	sums  []sums
}

// sums is what a client knows of its counts: the last it was told, and how many more may come of calls
// whose outcome is not known.
type sums [spaceCounters]struct{ last, open int64 }

// count begins to count. Whoever gets no answer turns to another process.
func (s *space) count(clients int, processes ...int) *counting {
	ctx, stop := context.WithCancel(s.t.Context())
	c := &counting{stop: stop, sums: make([]sums, clients)}
	s.t.Cleanup(func() {
		stop()
		c.ended.Wait()
	})
	for id := range clients {
		var at []*redis.Client
		for _, p := range processes {
			at = append(at, s.client(p))
		}
		c.ended.Go(func() {
			for turn := id; ctx.Err() == nil; {
				k := rand.IntN(spaceCounters)
				n, err := at[turn%len(at)].Incr(ctx, counter(id, k)).Result()
				if err != nil {
					turn++
				}
				c.note(s.t, &c.sums[id][k].last, &c.sums[id][k].open, n, err)
			}
		})
	}
	return c
}

func counter(client, k int) string { return fmt.Sprint("n:", client, ":", k) }

// note takes notice of an answer, which must be one that the calls before make possible.
func (c *counting) note(t *testing.T, last, open *int64, n int64, err error) {
	t.Helper()
	dial, isNet := errors.AsType[*net.OpError](err)
	switch {
	case err == nil:
		assert.Greater(t, n, *last, "a count was lost")
		assert.LessOrEqual(t, n, *last+1+*open, "a count was made twice")
		*last, *open = n, *open-(n-*last-1)
		c.acked.Add(1)
	case isNet && dial.Op == "dial": // It was never asked.
	default:
		*open++
		c.open.Add(1)
	}
}

// check ends the counting, and compares with what processes have.
func (c *counting) check(s *space, processes ...int) {
	s.t.Helper()
	c.stop()
	c.ended.Wait()
	for _, id := range processes {
		client := s.client(id)
		for of := range c.sums {
			for k, sum := range c.sums[of] {
				n, err := client.Get(s.t.Context(), counter(of, k)).Int64()
				if !errors.Is(err, redis.Nil) {
					require.NoError(s.t, err)
				}
				require.GreaterOrEqual(s.t, n, sum.last)
				require.LessOrEqual(s.t, n, sum.last+sum.open)
			}
		}
	}
	s.say("%d counts were acknowledged, %d have an outcome that is not known; all are right at %v",
		c.acked.Load(), c.open.Load(), processes)
}

// step asks the first process for a change of the members, kills another when that is under way, and starts
// it again when it is done.
func (s *space) step(down int, args ...string) {
	s.t.Helper()
	begun := time.Now()
	done := make(chan struct{})
	var out []byte
	var err error
	go func() {
		defer close(done)
		args := append([]string{"kv", "members"}, append(args, "--to", s.redis[0])...)
		out, err = exec.CommandContext(s.t.Context(), program, args...).CombinedOutput()
	}()
	client := s.client(1)
	when := "after it"
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		default:
			lines, err := client.Do(s.t.Context(), "PAXON.MEMBERS", "LIST").StringSlice()
			require.NoError(s.t, err)
			if m := parseMembership(lines); len(m.target) > 0 {
				when, ended = "in it", true
			}
		}
	}
	s.kill(down)
	<-done
	require.NoError(s.t, err, string(out))
	took := time.Since(begun)
	s.start(down)
	s.say("%s, process %d killed %s: %.1f s; %s; started again after %.1f s", strings.Join(args, " "),
		down, when, took.Seconds(), strings.TrimSpace(string(out)), (time.Since(begun) - took).Seconds())
}

// taken is what INFO tells of a process, and the bytes that its directory has on the disk.
type taken struct{ copies, liveBytes, disk int64 }

func (s *space) taken(id int) (t taken) {
	s.t.Helper()
	info, err := s.client(id).Info(s.t.Context()).Result()
	require.NoError(s.t, err)
	for line := range strings.SplitSeq(info, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(value, 10, 64) // Others are no numbers.
		switch name {
		case "copies":
			t.copies = n
		case "live_bytes":
			t.liveBytes = n
		}
	}
	// What goes away meanwhile takes nothing.
	dir := filepath.Join(s.dir, strconv.Itoa(id))
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if file, err := d.Info(); err == nil {
				t.disk += file.Size()
			}
		}
		return nil
	})
	return t
}

func (s *space) sayTaken(processes ...int) (all []taken) {
	s.t.Helper()
	for _, id := range processes {
		t := s.taken(id)
		s.say("  process %d: %d copies, %d bytes live, %d MiB on disk", id, t.copies, t.liveBytes, t.disk>>20)
		all = append(all, t)
	}
	return all
}

// reclaimed waits until no process has more copies than there are keys.
func (s *space) reclaimed(most int64, processes ...int) {
	s.t.Helper()
	begun := time.Now()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for _, id := range processes {
		for last, since := int64(-1), time.Now(); ; <-ticker.C {
			t := s.taken(id)
			if t.copies <= most {
				break
			}
			if t.copies != last {
				last, since = t.copies, time.Now()
			}
			require.Less(s.t, time.Since(since), time.Minute, "process %d stays at %d copies", id, t.copies)
		}
	}
	s.say("reclaimed at %v: %.1f s", processes, time.Since(begun).Seconds())
}

// TestKVSpace fills many keys, goes from 3 processes to 5 and back to 3 under load, with a process killed
// by SIGKILL in each step, and then deletes all keys with a process down: once that is back, nobody
// keeps anything of them, and no value comes back, also from a process that was away for all of this.
// With more keys it takes longer:
//
//	go test ./cmd/paxon -run TestKVSpace -v -timeout 2h -kv-keys 1000000
func TestKVSpace(t *testing.T) {
	s := &space{kvProcesses: startKV(t, 5), keys: *spaceKeys, begun: time.Now()}
	s.each("set", func(pipe redis.Pipeliner, i int) {
		pipe.Set(t.Context(), spaceKey(i), spaceValue(i), 0)
	}, 1, 2, 3)
	s.sayTaken(1, 2, 3)

	c := s.count(6, 1, 2, 3, 4, 5)
	end := s.scanning(1)
	s.start(4)
	s.step(3, "add", "4="+s.links[3])
	s.start(5)
	s.step(2, "add", "5="+s.links[4])
	end()
	end = s.scanning(1, 4)
	s.step(5, "remove", "3")
	s.kill(3)
	s.step(5, "remove", "2")
	end()
	c.check(s, 1, 4, 5)
	s.scanned(s.keys, 1, 4, 5)
	s.holds(4, true)
	full := s.sayTaken(1, 4, 5)

	s.kill(5)
	s.each("delete", func(pipe redis.Pipeliner, i int) { pipe.Del(t.Context(), spaceKey(i)) }, 1, 4)
	s.say("process 5 is down, and holds up the collection:")
	for _, now := range s.sayTaken(1, 4) {
		require.GreaterOrEqual(t, now.copies, int64(s.keys))
	}
	s.start(5)
	s.say("process 5 is back")
	const counters = 6 * spaceCounters
	s.reclaimed(counters+1, 1, 4, 5)
	for i, now := range s.sayTaken(1, 4, 5) {
		require.Less(t, now.liveBytes, full[i].liveBytes/2)
	}
	s.scanned(0, 1, 4, 5)
	for _, id := range []int{1, 4, 5} {
		s.holds(id, false)
	}

	for _, id := range []int{1, 4, 5} {
		s.kill(id)
	}
	for _, id := range []int{1, 3, 4, 5} {
		s.start(id)
	}
	s.say("all were killed and started again, and process 3, which has slept since it was removed")
	s.step(4, "add", "3="+s.links[2])
	s.scanned(0, 1, 3, 4, 5)
	s.holds(3, false)
	s.sayTaken(1, 3, 4, 5)
}
