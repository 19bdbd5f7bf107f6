package torture

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseFaults(t *testing.T) {
	for list, want := range map[string][]Kind{
		"all": Kinds(), "none": nil, "kill": {Kill}, "stop,kill,stop": {Stop, Kill},
	} {
		got, err := ParseFaults(list)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"", "kil", "kill,", "all,kill"} {
		_, err := ParseFaults(bad)
		require.ErrorContains(t, err, "expected all, none, or some of")
	}
}

// TestSchedule wants the same faults of the same seed, all of a kind that is allowed, in their
// order, and with some seeds not of every kind.
func TestSchedule(t *testing.T) {
	draw := func(seed uint64, kinds ...Kind) []fault {
		return schedule(rand.New(rand.NewPCG(seed, 0)), kinds, 3, 10*time.Second)
	}
	require.Empty(t, draw(1))
	fewer := false
	for seed := range uint64(50) {
		faults := draw(seed, Kill, Partition, Delay)
		require.Equal(t, faults, draw(seed, Kill, Partition, Delay))
		require.Greater(t, len(faults), 5)
		seen := map[Kind]bool{}
		var before time.Duration
		for _, f := range faults {
			require.NotEqual(t, Stop, f.kind)
			require.True(t, f.at >= before && f.at < 10*time.Second)
			require.True(t, f.lasts >= shortest && f.lasts < longest)
			require.True(t, f.target >= 1 && f.target <= 3)
			before, seen[f.kind] = f.at, true
		}
		fewer = fewer || len(seen) < 3
	}
	require.True(t, fewer)
}

func TestValue(t *testing.T) {
	for _, size := range []int{0, 5, 8, 100, 5000} {
		value := newValue(3, 12, size)
		payload := payloadOf(value)
		require.Len(t, payload, max(size, len(value)))
		require.Equal(t, value, valueOf(payload))
		for _, wrong := range []string{string(payload) + " ", string(payload[1:]), "x" + string(payload)} {
			require.NotEqual(t, value, valueOf([]byte(wrong)))
		}
	}
	require.Equal(t, `not a message: "hello" of 5 bytes`, valueOf([]byte("hello")))
	require.Less(t, len(valueOf([]byte(strings.Repeat("x", 1<<20)))), 1000)
}

// FuzzValueOf reads any payload; what is a value has that payload.
func FuzzValueOf(f *testing.F) {
	f.Add([]byte("1.2/3"))
	f.Add([]byte("1.2/9    "))
	f.Add([]byte("1.2/-9"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		value := valueOf(payload)
		if !strings.HasPrefix(value, "not a message") {
			require.Equal(t, payload, payloadOf(value))
		}
	})
}
